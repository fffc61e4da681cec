package engine

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"strings"
	"testing"
	"testing/iotest"
)

func TestFramesComeBackAsTheyWent(t *testing.T) {
	plain := []byte(strings.Repeat("0123456789abcdef", 200000)) // three frames
	for _, method := range []string{"LZ4", "lz4hc", "ZSTD", "NONE", ""} {
		var packed bytes.Buffer
		if n, err := newFrameWriter(&packed, method, 0).Write(plain); n != len(plain) || err != nil {
			t.Fatalf("%s: %d, %v", method, n, err)
		}
		whole := packed.Bytes()
		if got, err := io.ReadAll(newFrameReader(iotest.OneByteReader(bytes.NewReader(whole)))); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: %d bytes, %v", method, len(got), err)
		}
		for _, n := range []int{1, 15, 16, 24, 25, 26, len(whole) - 1} {
			var e *Exception
			if _, err := io.ReadAll(newFrameReader(bytes.NewReader(whole[:n]))); !errors.As(err, &e) || e.Code != codeCannotDecompress {
				t.Errorf("%s cut at %d: %v", method, n, err)
			}
		}
		flipped := bytes.Clone(whole)
		flipped[len(flipped)/2] ^= 1
		if _, err := io.ReadAll(newFrameReader(bytes.NewReader(flipped))); err == nil {
			t.Errorf("%s: a flipped bit passed", method)
		}
	}
}

func TestTheBestAcceptedEncodingIsChosen(t *testing.T) {
	for accept, want := range map[string]string{"": "", "gzip": "gzip", "gzip, deflate, br": "br", "deflate;q=0.5, GZIP": "gzip", "br;q=0": "", "x": ""} {
		if got := encodingFor(accept); got != want {
			t.Errorf("%q: got %q, want %q", accept, got, want)
		}
	}
}

func FuzzFrames(f *testing.F) {
	for _, method := range []string{"LZ4", "ZSTD", "NONE"} {
		var packed bytes.Buffer
		if _, err := newFrameWriter(&packed, method, 0).Write([]byte("some rows")); err != nil {
			f.Fatal(err)
		}
		f.Add(packed.Bytes())
	}
	f.Fuzz(func(t *testing.T, from []byte) {
		var e *Exception
		if _, err := io.Copy(io.Discard, newFrameReader(bytes.NewReader(from))); err != nil && !errors.As(err, &e) {
			t.Errorf("%v is no exception", err)
		}
	})
}

func FuzzEncodings(f *testing.F) {
	for _, encoding := range []string{"gzip", "deflate", "br", "zstd", "lz4"} {
		var packed bytes.Buffer
		w, err := encoder(encoding, &packed)
		if err != nil {
			f.Fatal(err)
		}
		if _, err := io.WriteString(w, "some rows"); err != nil {
			f.Fatal(err)
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(encoding, packed.Bytes())
	}
	f.Fuzz(func(t *testing.T, encoding string, from []byte) {
		in, err := decoder(encoding, bytes.NewReader(from))
		if err == nil {
			_, err = io.Copy(io.Discard, io.LimitReader(in, 1<<20))
		}
		var e *Exception
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%v is no exception", err)
		}
	})
}

func FuzzMultipart(f *testing.F) {
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"e\"; filename=\"\"\r\n\r\n1\ta\n\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT 1\r\n--x--\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		parts := 0
		err := eachPart(multipart.NewReader(bytes.NewReader(body), "x"), func(name, value string) error {
			parts++
			if len(value) > len(body) {
				t.Errorf("field %q has %d bytes of %d", name, len(value), len(body))
			}
			return nil
		}, func(part *multipart.Part) error {
			parts++
			_, err := io.Copy(io.Discard, part)
			if err != nil {
				return bodyError(err)
			}
			return nil
		})
		var e *Exception
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%v is no exception", err)
		}
		if parts > maxFields {
			t.Errorf("%d parts", parts)
		}
	})
}
