package simulate

import "io"

// WriteHTML writes the report as one page.
func WriteHTML(w io.Writer, rep *Report) error { return nil }
