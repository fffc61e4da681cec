package demo

// series is a line of design: one colour, one pattern, one maker, one item of every kind.
type series struct {
	id, name, brand, colour string
	factor                  float64 // of the kinds' prices
	pattern                 string  // see patterns
	base, shade, light      string  // of the body
	accent, dark, back      string
}

var lines = []series{
	{"alva", "Alva", "Norrvik", "fjord blue", 1.00, "plain", "#4b7fa3", "#335f80", "#8db7d1", "#e8b84a", "#23394a", "#e4edf3"},
	{"birk", "Birk", "Field & Fern", "moss green", 0.95, "band", "#748f5a", "#566f40", "#a9c090", "#d98a5b", "#33422a", "#eaf0e2"},
	{"calma", "Calma", "Casa Lume", "dune", 1.20, "ribs", "#d2b184", "#b08d5e", "#ecd9bb", "#5f8a8b", "#6d5434", "#f5efe4"},
	{"dorte", "Dorte", "Oito", "terracotta", 0.90, "speckle", "#c8714f", "#a35236", "#e6a78c", "#f0c987", "#5e2d1e", "#f7e8e0"},
	{"elin", "Elin", "Casa Lume", "dusty rose", 1.10, "plain", "#d49aa3", "#b27580", "#edc9ce", "#7c8f6f", "#68404a", "#f8ecee"},
	{"fenn", "Fenn", "Brask", "ink", 1.35, "ribs", "#4a505e", "#33384a", "#858c9c", "#e07a4b", "#1d2029", "#e8eaee"},
	{"gala", "Gala", "Oito", "saffron", 0.85, "stripe", "#e0a63a", "#b98121", "#f3d08a", "#3f6f79", "#6a4712", "#fbf2dd"},
	{"hedda", "Hedda", "Norrvik", "plum", 1.15, "dots", "#83598c", "#634069", "#b794bd", "#e9c46a", "#3a2340", "#f1e9f3"},
	{"isar", "Isar", "Brask", "lagoon", 1.05, "stripe", "#3f9a95", "#2b7672", "#8bcac6", "#f1a66a", "#17403e", "#e1f2f1"},
	{"juno", "Juno", "Oito", "coral", 0.80, "dots", "#ee8674", "#c9604f", "#f8bcb1", "#2f6f8f", "#6f2c22", "#fdece8"},
	{"kale", "Kale", "Field & Fern", "forest", 1.00, "speckle", "#3f6b52", "#2b4d3a", "#7fa58f", "#d9b25f", "#182c21", "#e5efe9"},
	{"lune", "Lune", "Casa Lume", "pearl", 1.45, "band", "#e9e2d6", "#c9bfae", "#fbf8f2", "#8a9bb0", "#6b6355", "#dfe4e8"},
}
