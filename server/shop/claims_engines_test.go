package shop

import (
	"path/filepath"
	"testing"

	"beckon/clickstream"
	"beckon/clickstream/eventlog"
)

// engine is a log that the control log can lie on. open is called again on the same folder after close, as after a crash: whatever
// was durable has to be there.
type engine struct {
	name string
	open func(t *testing.T, dir string) (log clickstream.Log, close func() error)
}

// engines is every log engine there is. What claims promise is promised on each of them.
func engines() []engine {
	memory := map[string]*memLog{} // by folder
	return []engine{
		{"memory", func(_ *testing.T, dir string) (clickstream.Log, func() error) {
			if memory[dir] == nil {
				memory[dir] = newMemLog()
			}
			return memory[dir], func() error { return nil }
		}},
		{"eventlog", func(t *testing.T, dir string) (clickstream.Log, func() error) {
			log, err := eventlog.Open(eventlog.Config{Dir: filepath.Join(dir, "control"), Partitions: 1, SegmentBytes: 1 << 20})
			if err != nil {
				t.Fatal(err)
			}
			return log, log.Close
		}},
	}
}
