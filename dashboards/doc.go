// Package dashboards will hold the merchandisers' pages. It reads live numbers through interfaces it declares.
package dashboards
