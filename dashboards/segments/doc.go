// Package segments is the page of segments: which groups of shoppers there are, how many are in each, what makes one, and a form to
// make or change one with a count of whom it would hold before it is saved.
//
// It is shown to merchandisers and viewers; the server fills View, Editor and Preview, and takes what the form sends.
package segments
