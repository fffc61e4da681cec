package engine

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// receive appends to packed what is missing of the package.
func (f *fetcher) receive(ctx context.Context, packed string) error {
	file, err := os.OpenFile(packed, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return &finalError{err}
	}
	defer file.Close()
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return &finalError{err}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(f.stall, func() { cancel(fmt.Errorf("no byte for %v", f.stall)) })
	defer stalled.Stop()
	response, err := f.get(ctx, f.url(), have)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusRequestedRangeNotSatisfiable: // it is whole, or not ours: check tells
		return nil
	case http.StatusPartialContent:
		if from := fmt.Sprintf("bytes %d-", have); !strings.HasPrefix(response.Header.Get("Content-Range"), from) {
			return fmt.Errorf("%s: asked for %s, got %q", f.url(), from, response.Header.Get("Content-Range"))
		}
	case http.StatusOK:
		have = 0
		if err := file.Truncate(0); err != nil {
			return &finalError{err}
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return &finalError{err}
		}
	default:
		return refused(f.url(), response.StatusCode)
	}
	total := int64(-1) // unknown
	if response.ContentLength >= 0 {
		total = have + response.ContentLength
	}
	if err := f.room(max(total-have, 0)); err != nil {
		return &finalError{err}
	}
	if err := f.copy(file, response.Body, have, total, stalled); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return fmt.Errorf("%s: %w", f.url(), err)
	}
	return nil
}

// copy writes the body behind what is there, and says how far it is about once for every MiB.
func (f *fetcher) copy(file *os.File, body io.Reader, done, total int64, stalled *time.Timer) error {
	f.tell(done, total)
	told := done
	buf := make([]byte, 128<<10)
	for {
		n, err := body.Read(buf)
		stalled.Reset(f.stall)
		done += int64(n)
		if done > maxPackedBytes {
			return &finalError{fmt.Errorf("more than %d bytes", int64(maxPackedBytes))}
		}
		if _, err := file.Write(buf[:n]); err != nil {
			return &finalError{err}
		}
		if done-told >= 1<<20 || err != nil {
			f.tell(done, total)
			told = done
		}
		if errors.Is(err, io.EOF) {
			return nil // net/http says ErrUnexpectedEOF when bytes are missing
		}
		if err != nil {
			return fmt.Errorf("the connection ended after %d of %d bytes: %w", done, total, err)
		}
	}
}

func (f *fetcher) tell(done, total int64) {
	if f.progress != nil {
		f.progress(done, total)
	}
}

// check compares the package with its checksum. A wrong one is removed, so that the next try starts from nothing.
func (f *fetcher) check(packed string) error {
	file, err := os.Open(packed)
	if err != nil {
		return &finalError{err}
	}
	defer file.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, file); err != nil {
		return &finalError{err}
	}
	got := base64.StdEncoding.EncodeToString(sum.Sum(nil))
	if got == f.source.sha512 {
		return nil
	}
	err = fmt.Errorf("%s: its sha512 is %s, not %s: it is not the package that was tested", f.url(), got, f.source.sha512)
	return errors.Join(err, os.Remove(packed))
}

// askChecksum asks the registry for the package's checksum.
func (f *fetcher) askChecksum(ctx context.Context) (string, error) {
	url := fmt.Sprintf("%s/@chdb/%s/%s", f.registry, f.source.name, Version)
	ctx, cancel := context.WithTimeout(ctx, f.stall)
	defer cancel()
	response, err := f.get(ctx, url, 0)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", refused(url, response.StatusCode)
	}
	var said struct {
		Dist struct {
			Integrity string `json:"integrity"`
		} `json:"dist"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&said); err != nil {
		return "", fmt.Errorf("%s: %w", url, err)
	}
	sum, ok := strings.CutPrefix(said.Dist.Integrity, "sha512-")
	if !ok {
		return "", fmt.Errorf("%s: no sha512 in %q", url, said.Dist.Integrity)
	}
	return sum, nil
}

// get asks for a file from an offset on.
func (f *fetcher) get(ctx context.Context, url string, from int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, &finalError{err}
	}
	if from > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	response, err := f.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("no way to the package registry: %w", err) // names method and URL
	}
	return response, nil
}

func refused(url string, status int) error {
	err := fmt.Errorf("%s: %d %s", url, status, http.StatusText(status))
	if status >= 400 && status < 500 && status != http.StatusTooManyRequests {
		return &finalError{err}
	}
	return err
}

// room says whether the disk takes the rest of the package and the library.
func (f *fetcher) room(rest int64) error {
	dir := filepath.Dir(f.place)
	free, err := f.free(dir)
	if err != nil {
		return fmt.Errorf("free space of %s: %w", dir, err)
	}
	if need := rest + unpackedBytes; free < need {
		return fmt.Errorf("%s has %d MB free, %d MB are needed", dir, free>>20, need>>20)
	}
	return nil
}
