// Package health is the page that says whether the installation is well, and what to do where it is not.
//
// The server gathers Numbers; Judge, a pure function, compares each with its bound and says good, warn or bad with what that means and what
// to do next in plain words. So a broken state can be looked at in a test with injected numbers.
//
// Everything is a pure function of its arguments and safe for concurrent use; nothing is fetched. It imports of ours dashboards/ui and
// web/text.
package health
