// Package audit is the page of what was changed: who changed what and when, before and after field by field, and the way back.
//
// Its views are plain values: the server fills them from the shop's index of changes, where secrets are taken out already. What a
// change means in words, and how a field's value is written, is decided here, in the reader's language.
//
// Everything is a pure function of its arguments and safe for concurrent use; nothing is fetched. It imports of ours dashboards/ui and
// web/text.
package audit
