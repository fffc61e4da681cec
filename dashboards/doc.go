// Package dashboards is the merchandisers' side, in packages of its own below it:
//
//	ui      the parts that every page is made of: layout, tables, forms, charts
//	now     live numbers, a fold over facts
//	others  one package a page: what it shows as plain values, and its templates
//
// Pages take values and never fetch: the server asks the folds and the history, fills a page's view and renders it. So a page knows
// nothing of prices, offers or rules but what it shows, and its tests need no server.
package dashboards
