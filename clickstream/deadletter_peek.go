package clickstream

// PeekLetter reads the site of a rejected event's record and nothing else. ok is false for other records, those that mark a letter as
// replayed among them. site is a substring of data.
func PeekLetter(data string) (site string, ok bool) {
	if len(data) < 4 || data[0] != RecordRejected || data[1] != letterVersion || data[2] != letterKept {
		return "", false
	}
	d := decoder{s: data, i: 4}
	site = d.str()
	return site, d.reason == ""
}
