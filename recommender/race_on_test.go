//go:build race

package recommender

// raceEnabled: under the race detector sync.Pool drops what it holds at random.
const raceEnabled = true
