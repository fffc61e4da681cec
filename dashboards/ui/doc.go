// Package ui is what every page of the dashboard is made of: the frame with its navigation, tiles, tables, forms, charts and the words
// for "nothing here yet" and "this went wrong". One look, one behaviour, everywhere.
//
// Parts take values and never fetch. Most are structs that are templ components themselves: @ui.Tile{Label: …}, or a view's own field
// as @v.Chart; those with content take children: @ui.Form(ui.Form{…}) { … } (templ takes no children after a literal). They find the reader's language in the rendering context, where
// Layout puts it: whoever renders a fragment without Layout wraps it in In.
//
//	page     Layout, Page, In, Region, Preview attributes    numbers   Tiles, Tile, Spark, Bar, IntervalBar
//	lists    Table, Row, cells, Pager, Tabs, KeyValues       charts    Chart
//	forms    Form, Field, Select, Check, Area, Submit        flows     Steps, Tree
//	states   Empty, Problem, Deferred, Badge                 time      When
//
// Promises: pages work without script, which only adds life; nothing needs an inline script, an inline style or a handler attribute, so a
// strict Content-Security-Policy holds; every chart has its numbers in a table behind it; every text that a caller gives is escaped.
//
// What the scripts of web/assets/admin look for: data-chart (drawn), data-region (replaced by frames), data-src (a fragment fetched after
// the page), data-preview with data-preview-into (asked again while a form is being filled in), data-confirm (asks before it sends),
// data-copy, and time elements (shown in the browser's zone).
//
// Concurrency: everything is a value or a pure function. The package knows no server, no fold and no catalog; it imports web for the
// paths of scripts and styles, and web/text for words and numbers.
package ui

//go:generate go run github.com/a-h/templ/cmd/templ generate -path .
