package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"beckon/clickstream/eventlog"
	"beckon/clickstream/record"
)

const (
	logPartitions  = 65
	logRecordBytes = 130 // an event of the collector's row, encoded
	rawFileBytes   = 256 << 20
)

// benchLog measures the log against what the disk gives for the same bytes, one append or write at a time, each synced: into a file
// that grows, as the log's do, and into one whose blocks are there already, which nobody has to pay for here.
func benchLog(ctx context.Context, b *bench) (figures []figure, err error) {
	dir := filepath.Join(b.dir, "log")
	filled, err := openRaw(filepath.Join(b.dir, "raw"), true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, filled.file.Close()) }()
	log, err := eventlog.Open(eventlog.Config{Dir: dir, Partitions: logPartitions})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()

	waiting := context.WithoutCancel(ctx) // as the collector appends: such a caller may commit on its own goroutine
	for _, size := range []struct{ bytes, count int }{{4 << 10, 2000}, {64 << 10, 1000}, {1 << 20, 100}} {
		var ratios, filledRatios, rates []float64
		parts := logParts(size.bytes)
		page := make([]byte, payloadBytes(parts))
		for range loadTurns {
			growing, err := openRaw(filepath.Join(b.dir, "growing"), false)
			if err != nil {
				return nil, err
			}
			rawRate, err := timesASecond(b.count(size.count), func() error { return growing.write(page) })
			if err := errors.Join(err, growing.file.Close()); err != nil {
				return nil, err
			}
			filledRate, err := timesASecond(b.count(size.count), func() error { return filled.write(page) })
			if err != nil {
				return nil, err
			}
			rate, err := timesASecond(b.count(size.count), func() error {
				_, err := log.Append(waiting, parts)
				return err
			})
			if err != nil {
				return nil, err
			}
			ratios, filledRatios, rates = append(ratios, rate/rawRate), append(filledRatios, rate/filledRate), append(rates, rate)
		}
		name := fmt.Sprintf("append of %d KiB", size.bytes>>10)
		figures = append(figures,
			atLeast(name+" against raw", quantile(ratios, .5), "×", 0.8),
			atLeast(name+" against raw, blocks there", quantile(filledRatios, .5), "×", 0),
			atLeast(name, quantile(rates, .5), "/s", 0))
	}
	shared, err := sharedAppends(waiting, log, b.count(100_000))
	return append(figures, atLeast("appends of 64 callers, 5 records each", shared, "/s", 0)), err
}

func timesASecond(n int, do func() error) (float64, error) {
	begin := time.Now()
	for range n {
		if err := do(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(begin).Seconds(), nil
}

// sharedAppends is the rate of 64 callers whose appends share syncs.
func sharedAppends(ctx context.Context, log *eventlog.Log, n int) (float64, error) {
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(n))
	errs := make([]error, loadConnections)
	begin := time.Now()
	for i := range errs {
		wg.Go(func() {
			parts := logParts(5 * logRecordBytes)
			for left.Add(-1) >= 0 && errs[i] == nil {
				_, errs[i] = log.Append(ctx, parts)
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(begin).Seconds(), errors.Join(errs...)
}

// logParts are records of about size bytes together, dealt to the partitions in runs of five.
func logParts(size int) []record.Append {
	payload := make([]byte, logRecordBytes)
	for i := range payload {
		payload[i] = byte(i * 31)
	}
	records := max(1, size/logRecordBytes)
	parts := make([]record.Append, min(logPartitions, (records+4)/5))
	for i := range records {
		p := &parts[i/5%len(parts)]
		p.Partition = i / 5 % len(parts)
		p.Records.Data = append(p.Records.Data, payload...)
		p.Records.Close()
	}
	return parts
}

func payloadBytes(parts []record.Append) (n int) {
	for i := range parts {
		n += len(parts[i].Records.Data)
	}
	return n
}

// rawFile is written from its start to rawFileBytes and again.
type rawFile struct {
	file *os.File
	at   int64
}

func openRaw(name string, fill bool) (*rawFile, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	zeros := make([]byte, 1<<20)
	for at := int64(0); fill && at < rawFileBytes; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros, at); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return &rawFile{file: f}, f.Sync()
}

func (r *rawFile) write(page []byte) error {
	if r.at+int64(len(page)) > rawFileBytes {
		r.at = 0
	}
	if _, err := r.file.WriteAt(page, r.at); err != nil {
		return err
	}
	r.at += int64(len(page))
	return datasync(r.file)
}
