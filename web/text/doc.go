// Package text is every sentence, number, price and time that people read, in their language.
//
//	messages/<lang>/<area>.json ──embed──▶ For(lang), Match(…) ──▶ Printer.T, N, Money, Date, …
//
// A file is one flat object: "area.key": "text with {name}", or {"one": "…", "other": "…"} where a number decides the form. English
// and German have every key; French and Spanish have those that shoppers read in recommendations, and fall back to English.
//
// Promises: a Printer never fails. A key that is not there is printed as it is, so that it is seen, and a test of this package names
// it, as it names keys that nobody uses, keys that one language lacks and placeholders that differ. Money is minor units; how many
// digits those have is the currency's own affair (ISO 4217), only signs and separators are the language's (CLDR). Times are Unix ms and
// are written in UTC.
//
// Concurrency: Printers are made once, at the first use, and never change; everything may be called from any goroutine. A message with
// two arguments costs well under a microsecond, so that tables of a thousand rows need no care.
//
// The package puts no markup into texts and escapes nothing: templates do. It imports nothing of ours.
package text
