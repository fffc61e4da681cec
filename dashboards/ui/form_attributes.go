package ui

import "github.com/a-h/templ"

// attributes are an input's that depend on its field.
func (f Field) attributes() templ.OrderedAttributes {
	out := f.state()
	add := func(name, value string) {
		if value != "" {
			out = append(out, templ.KeyValue[string, any]{Key: name, Value: value})
		}
	}
	add("inputmode", f.inputMode())
	add("autocomplete", f.complete())
	add("min", f.Min)
	add("max", f.Max)
	add("step", f.Step)
	add("placeholder", f.Placeholder)
	if len(f.Options) > 0 {
		add("list", f.id()+"-options")
	}
	return out
}

// complete is what browsers may fill in: nothing, unless the field says so or is about the reader.
func (f Field) complete() string {
	switch {
	case f.Autocomplete != "":
		return f.Autocomplete
	case f.Kind == "email":
		return "email"
	case f.Kind == "password":
		return ""
	}
	return "off"
}

// state are the attributes of every kind of input.
func (f Field) state() templ.OrderedAttributes {
	var out templ.OrderedAttributes
	add := func(name string, value any) { out = append(out, templ.KeyValue[string, any]{Key: name, Value: value}) }
	if f.Required {
		add("required", true)
	}
	if f.Disabled {
		add("disabled", true)
	}
	if f.Error != "" {
		add("aria-invalid", "true")
	}
	if d := f.described(); d != "" {
		add("aria-describedby", d)
	}
	return out
}

func (b Button) kind() string {
	switch b.Kind {
	case "primary", "quiet", "danger":
		return b.Kind
	}
	return ""
}
