// Package evaluation measures the recommender's models on files: next item of a session, held-out item of a basket.
//
// It drives the same index and scoring that answer live, one prediction at a time on one thread, and reports quality, latency,
// the cost of learning and memory. It reads the files it is given and writes to the writers it is given, nothing else.
package evaluation
