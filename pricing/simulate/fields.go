package simulate

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// object reads the fields of one JSON object. The first thing that is wrong is kept in err, with the path of its field; what is asked
// for after that answers zero.
type object struct {
	path   string // of the object, with its dot
	fields map[string]json.RawMessage
	err    *error
}

func newObject(path string, raw json.RawMessage, err *error) object {
	o := object{path: path, err: err}
	if json.Unmarshal(raw, &o.fields) != nil || o.fields == nil {
		o.fail("", "want an object")
	}
	return o
}

func (o object) fail(name, format string, args ...any) {
	if *o.err == nil {
		*o.err = wrong(strings.TrimSuffix(o.path+name, "."), format, args...)
	}
}

// take removes and returns the field of the first of these names that is there. Two names of one thing are an error.
func (o object) take(names ...string) (raw json.RawMessage, name string) {
	for _, n := range names {
		v, ok := o.fields[n]
		if !ok {
			continue
		}
		delete(o.fields, n)
		if name != "" {
			o.fail(n, "given beside %s", name)
			continue
		}
		raw, name = v, n
	}
	if string(raw) == "null" {
		return nil, ""
	}
	return raw, name
}

// end says that all that is left is unknown.
func (o object) end() {
	if len(o.fields) == 0 {
		return
	}
	left := make([]string, 0, len(o.fields))
	for name := range o.fields {
		left = append(left, name)
	}
	o.fail(slices.Min(left), "unknown field")
}

func (o object) text(names ...string) string {
	raw, name := o.take(names...)
	if raw == nil {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		o.fail(name, "want a text")
	}
	return s
}

func (o object) number(otherwise float64, names ...string) float64 {
	raw, name := o.take(names...)
	if raw == nil {
		return otherwise
	}
	return o.parse(name, raw)
}

func (o object) parse(name string, raw json.RawMessage) float64 {
	var x float64
	if err := json.Unmarshal(raw, &x); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) && strings.HasPrefix(kind.Value, "number") {
			o.fail(name, "%s is too large", kind.Value)
		} else {
			o.fail(name, "want a number")
		}
		return 0
	}
	return x
}

// above is a number that, where it is given, must be above 0; 0 where it is not.
func (o object) above(names ...string) float64 {
	raw, name := o.take(names...)
	if raw == nil {
		return 0
	}
	x := o.parse(name, raw)
	if !(x > 0) {
		o.fail(name, "%g, want above 0", x)
	}
	return x
}

func (o object) whole(otherwise int, names ...string) int {
	raw, name := o.take(names...)
	if raw == nil {
		return otherwise
	}
	x := o.parse(name, raw)
	if x != math.Trunc(x) || math.Abs(x) > 1e9 {
		o.fail(name, "%g, want a whole number up to 10^9", x)
		return 0
	}
	return int(x)
}

// span is a Range: a number, [from, to], {"from","to"} or {"mean","sd","min","max"}, where min and max are three sd away if not given.
func (o object) span(names ...string) Range {
	raw, name := o.take(names...)
	if raw == nil {
		return Range{}
	}
	r := o.parseSpan(name, raw)
	if !r.set() {
		o.fail(name, "0, want above 0")
	}
	return r
}

func (o object) parseSpan(name string, raw json.RawMessage) Range {
	switch raw[0] {
	case '[':
		pair := o.list(name, raw, 2)
		if pair == nil {
			return Range{}
		}
		return Between(pair[0], pair[1])
	case '{':
		in := newObject(o.path+name+".", raw, o.err)
		defer in.end()
		if _, normal := in.fields["mean"]; !normal {
			return Between(in.number(0, "from", "min"), in.number(0, "to", "max"))
		}
		mean, sd := in.number(0, "mean"), in.number(0, "sd")
		if !(sd >= 0) {
			in.fail("sd", "%g, want 0 or above", sd)
		}
		return Around(mean, sd, in.number(mean-3*sd, "min"), in.number(mean+3*sd, "max"))
	}
	return Exactly(o.parse(name, raw))
}

// orNothing is a Range whose 0 is as good as a field that is not there.
func (o object) orNothing(name string) Range {
	raw, given := o.take(name)
	if raw == nil {
		return Range{}
	}
	return o.parseSpan(given, raw)
}

// list is an array of n numbers, nil when it is none.
func (o object) list(name string, raw json.RawMessage, n int) []float64 {
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil || len(elements) != n {
		o.fail(name, "want %d numbers in brackets", n)
		return nil
	}
	out := make([]float64, n)
	for i, e := range elements {
		out[i] = o.parse(fmt.Sprintf("%s[%d]", name, i), e)
	}
	return out
}
