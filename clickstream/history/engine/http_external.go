package engine

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
)

// Bounds of a multipart body: rows of its files are streamed, everything else is small.
const (
	maxExternalTables = 64
	maxFieldBytes     = 16 << 20 // the query, or a parameter
	maxFields         = 1024
)

func isMultipart(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}

// runWithTables runs the statement of a multipart body. Files are external tables: temporary ones, under the name of their form field,
// that the statement alone sees. Their columns are in NAME_structure ("a UInt8, b String") or NAME_types ("UInt8,String", columns _1,
// _2), their format in NAME_format. Other fields are the query and parameters.
func (t *task) runWithTables() error {
	restore, err := t.prepare(parsed{})
	if err != nil {
		return err
	}
	defer restore()
	parts, err := t.http.MultipartReader()
	if err != nil {
		return refuse(codeBadRequestParameter, "BAD_REQUEST_PARAMETER", "Multipart body: %v", err)
	}
	var tables []string
	defer func() {
		if t.work.session {
			for _, name := range tables {
				_ = t.work.exec("DROP TEMPORARY TABLE IF EXISTS " + name) // the session's end drops it as well
			}
		}
	}()
	err = eachPart(parts, t.field, func(part *multipart.Part) error {
		name, err := t.external(part)
		if name != "" {
			tables = append(tables, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	t.tables = len(tables) > 0
	return t.query(t.request.query, outline(t.request.query))
}

// eachPart hands a body's parts out, in their order.
func eachPart(parts *multipart.Reader, field func(name, value string) error, file func(*multipart.Part) error) error {
	files := 0
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return refuse(codeBadRequestParameter, "BAD_REQUEST_PARAMETER", "Multipart body: %v", err)
		}
		if n == maxFields || files == maxExternalTables {
			return refuse(codeBadRequestParameter, "BAD_REQUEST_PARAMETER", "Multipart body: more than %d parts or %d files", maxFields, maxExternalTables)
		}
		if isFile(part) {
			files++
			if err := file(part); err != nil {
				return err
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, maxFieldBytes+1))
		if err != nil {
			return bodyError(err)
		}
		if len(value) > maxFieldBytes {
			return refuse(codeQueryTooLarge, "QUERY_IS_TOO_LARGE", "Field %s is larger than %d bytes", part.FormName(), maxFieldBytes)
		}
		if err := field(part.FormName(), string(value)); err != nil {
			return err
		}
	}
}

// isFile says whether a part is a file: it names one, though the name may be empty.
func isFile(part *multipart.Part) bool {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	_, named := params["filename"]
	return err == nil && named
}

// field takes the query, a parameter, or a property of an external table.
func (t *task) field(name, value string) error {
	parameter, isParameter := strings.CutPrefix(name, "param_")
	switch {
	case name == "query":
		t.request.query += value
	case isParameter:
		t.request.params = append(t.request.params, param{parameter, value})
	case ofExternalTable(name):
		t.request.form.Set(name, value)
	default:
		return refuse(codeBadRequestParameter, "BAD_REQUEST_PARAMETER", "Field %s of a multipart body", name)
	}
	return nil
}

// external makes a temporary table of a file, and gives its quoted name.
func (t *task) external(part *multipart.Part) (string, error) {
	plain, form := part.FormName(), t.request.form
	if plain == "" {
		plain = "_data"
	}
	structure := form.Get(plain + "_structure")
	if structure == "" {
		types := form.Get(plain + "_types")
		if types == "" {
			return "", refuse(codeBadArguments, "BAD_ARGUMENTS", "Neither structure nor types have not been provided for external table %s. "+
				"Use fields %s_structure or %s_types to do so", plain, plain, plain)
		}
		_, list, err := splitType("types(" + types + ")")
		if err != nil {
			return "", refuse(codeBadArguments, "BAD_ARGUMENTS", "%s_types: %v", plain, err)
		}
		for i, typ := range list {
			list[i] = "_" + strconv.Itoa(i+1) + " " + typ
		}
		structure = strings.Join(list, ", ")
	}
	name := string(appendQuoted(nil, plain, '`'))
	if err := t.work.exec("CREATE TEMPORARY TABLE " + name + " (" + structure + ") ENGINE = Memory"); err != nil {
		return "", err
	}
	format := form.Get(plain + "_format")
	if format == "" {
		format = defaultFormat
	}
	n, err := t.work.insert("INSERT INTO "+name, format)
	if err != nil {
		return name, err
	}
	defer n.close()
	if err := feed(n, part); err != nil {
		return name, err
	}
	_, err = n.finish()
	return name, err
}
