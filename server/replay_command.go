package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"

	"beckon/server/replay"
)

const (
	replayChunkBytes = 4 << 20 // sent and acknowledged at once
	maxShownRejects  = 5
)

// replayCommand sends real history through the import path into a site of its own whose clock is the data's, or with --from-history
// writes an installation's logs and folds again from its ClickHouse.
func replayCommand(ctx context.Context, e env, args []string) error {
	fs := e.flags("replay", "FILE… [--format native] [--site NAME] [--data DIR | --url URL --key sk_…]\n       beckon replay --from-history [--data DIR] [--into DIR]\n       beckon replay --set-aside [--data DIR]")
	data := e.dataFlag(fs)
	format := fs.String("format", "native", "one of "+strings.Join(replay.Formats, ", "))
	site := fs.String("site", "", "site to replay into, made if it is new (default: the first file's name)")
	url := fs.String("url", "", "a running server to send to, with --key; otherwise the data folder's own")
	key := fs.String("key", "", "secret key of the site at --url")
	quiet := fs.Bool("quiet", false, "no progress bar")
	fromHistory := fs.Bool("from-history", false, "rebuild logs and folds from the ClickHouse at BECKON_CLICKHOUSE_URL or the data folder's own")
	into := fs.String("into", "", "with --from-history: an empty folder to rebuild into (default: the data folder, when its logs are gone)")
	aside := fs.Bool("set-aside", false, "try again to insert what ClickHouse refused by its content and Beckon set aside")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *aside {
		if len(files) > 0 || *url != "" || *key != "" || *site != "" || *into != "" || *fromHistory {
			return usagef("replay: --set-aside takes --data only")
		}
		return replayAside(ctx, e, dataDir(*data))
	}
	if *fromHistory {
		if len(files) > 0 || *url != "" || *key != "" || *site != "" {
			return usagef("replay: --from-history takes --data and --into only")
		}
		return rebuildFromHistory(ctx, e, *data, *into, *quiet)
	}
	if *into != "" {
		return usagef("replay: --into goes with --from-history")
	}
	if len(files) == 0 {
		return usagef("replay: a file is needed")
	}
	if (*url == "") != (*key == "") {
		return usagef("replay: --url and --key go together")
	}
	if !slices.Contains(replay.Formats, *format) {
		return usagef("replay: --format %q is not one of %s", *format, strings.Join(replay.Formats, ", "))
	}
	for _, name := range files { // before the first changes anything
		if _, err := os.Stat(name); err != nil {
			return err
		}
	}
	if *site == "" {
		*site = siteName(files[0])
	}
	r := replayer{e: e, site: *site, format: *format, quiet: *quiet, dir: dataDir(*data), start: time.Now()}
	if *url != "" {
		r.target = &importURL{url: *url, key: *key}
	} else if err := r.openTarget(ctx); err != nil {
		return err
	}
	for _, f := range files {
		if err = r.file(ctx, f); err != nil {
			break
		}
	}
	return errors.Join(err, r.finish(ctx))
}

// importTarget takes chunks of import lines.
type importTarget interface {
	// send delivers a chunk and returns when every accepted event in it is durable.
	send(ctx context.Context, chunk []byte) (importAnswer, error)
	// settle closes the replayed sessions and returns the site's ledger.
	settle(ctx context.Context) (ledgerAnswer, error)
	close() error
}

// importAnswer is the answer of POST /v1/events and /v1/import.
type importAnswer struct {
	Accepted      int `json:"accepted"`
	Duplicates    int `json:"duplicates"`
	RejectedTotal int `json:"rejected_total"`
	Rejected      []struct {
		ID      string `json:"id"`
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"rejected"`
}

func (a *importAnswer) rejected() int { return max(a.RejectedTotal, len(a.Rejected)) }

type replayer struct {
	e      env
	dir    dataDir
	site   string
	format string
	quiet  bool
	target importTarget
	start  time.Time
	total  importAnswer
	shown  int
}

// chunk is some lines on their way, and where in the file they end.
type chunk struct {
	lines  []byte
	events int64   // of the file, when these are acknowledged
	done   float64 // share of the file
}

// file replays one file from where an earlier run of it stopped. One goroutine reads and formats while the other sends.
func (r *replayer) file(ctx context.Context, name string) (err error) {
	prefix, err := filePrefix(name)
	if err != nil {
		return err
	}
	in, err := replay.Open(name, r.format, prefix)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	mark := r.markFile(prefix)
	skip := r.readMark(mark)
	bar := r.bar(filepath.Base(name))
	defer bar.Close()

	chunks, empty := make(chan chunk, 1), make(chan []byte, 2)
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		defer close(chunks)
		return readChunks(ctx, in, name, skip, chunks, empty)
	})
	both.Go(func() error {
		for c := range chunks {
			answer, err := r.target.send(ctx, c.lines)
			if err != nil {
				return err
			}
			r.count(&answer)
			bar.Set(int(c.done * 1000))
			if err := r.writeMark(mark, c.events); err != nil {
				return err
			}
			select {
			case empty <- c.lines[:0]:
			default:
			}
		}
		return nil
	})
	if err := both.Wait(); err != nil {
		return err
	}
	bar.Set(1000)
	if skip > 0 {
		fmt.Fprintf(r.e.stderr, "\n%s: went on after event %d\n", name, skip)
	}
	return nil
}

// readChunks cuts a file into chunks of lines, leaving out the first skip events. empty gives used memory back.
func readChunks(ctx context.Context, in *replay.Reader, name string, skip int64, out chan<- chunk, empty <-chan []byte) error {
	var lines []byte
	events := int64(0)
	send := func() error {
		select {
		case out <- chunk{lines, events, in.Done()}:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case lines = <-empty:
		default:
			lines = make([]byte, 0, replayChunkBytes+64<<10)
		}
		return nil
	}
	for {
		before := len(lines)
		var err error
		lines, err = in.Next(lines)
		if errors.Is(err, io.EOF) {
			if len(lines) == 0 {
				return nil
			}
			return send()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if events++; events <= skip {
			lines = lines[:before]
			continue
		}
		if len(lines) >= replayChunkBytes {
			if err := send(); err != nil {
				return err
			}
		}
	}
}

func (r *replayer) count(a *importAnswer) {
	r.total.Accepted += a.Accepted
	r.total.Duplicates += a.Duplicates
	r.total.RejectedTotal += a.rejected()
	for _, rej := range a.Rejected {
		if r.shown++; r.shown <= maxShownRejects {
			fmt.Fprintf(r.e.stderr, "\nrejected %s: %s: %s\n", rej.ID, rej.Code, rej.Message)
		}
	}
}

// finish closes the sessions and prints what happened and the ledger.
func (r *replayer) finish(ctx context.Context) error {
	took := time.Since(r.start)
	ledger, err := r.target.settle(ctx)
	if err := errors.Join(err, r.target.close()); err != nil {
		return err
	}
	sum := r.total.Accepted + r.total.Duplicates + r.total.RejectedTotal
	fmt.Fprintf(r.e.stdout, "\nsite %s: %d events in %v, %.0f/s: %d accepted, %d duplicates, %d rejected\n", r.site, sum, took.Round(time.Millisecond), float64(sum)/took.Seconds(), r.total.Accepted, r.total.Duplicates, r.total.RejectedTotal)
	fmt.Fprintf(r.e.stdout, "ledger: received %d = stored %d + duplicates %d + rejected %d; late %d\n", ledger.Received, ledger.Stored, ledger.Duplicates, ledger.Rejected, ledger.Late)
	return nil
}

func (r *replayer) bar(name string) *progressbar.ProgressBar {
	out := r.e.stderr
	if r.quiet {
		out = io.Discard
	}
	return progressbar.NewOptions(1000,
		progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(name), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true), progressbar.OptionSetElapsedTime(true))
}

// markFile holds how many events of a file were acknowledged.
func (r *replayer) markFile(prefix string) string {
	return r.dir.path(filepath.Join("replay", r.site+"-"+prefix+".json"))
}

type replayMark struct {
	Events int64 `json:"events"`
}

func (r *replayer) readMark(name string) int64 {
	var m replayMark
	text, err := os.ReadFile(name)
	if err != nil || json.Unmarshal(text, &m) != nil {
		return 0 // ids repeat, so starting again doubles nothing
	}
	return m.Events
}

func (r *replayer) writeMark(name string, events int64) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return writeJSON(name, replayMark{events})
}

// filePrefix names a file by its first MiB and size, so that ids of two files differ and those of a moved file do not.
func filePrefix(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if _, err := io.CopyN(h, f, 1<<20); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	fmt.Fprint(h, st.Size())
	return hex.EncodeToString(h.Sum(nil)[:4]), nil
}

// siteName makes a site id of a file's name.
func siteName(file string) string {
	base, _, _ := strings.Cut(filepath.Base(file), ".")
	id := bytes.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
			return c
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		}
		return '-'
	}, []byte(base))
	return string(id[:min(len(id), 32)])
}
