package history

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
)

// store plays the part of S3 that ClickHouse needs: PUT, multipart uploads, HEAD and GET of objects, and listings.
type store struct {
	mu      sync.Mutex
	objects map[string][]byte
	parts   map[string]map[string][]byte
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.TrimPrefix(r.URL.Path, "/")
	q := r.URL.Query()
	body, err := io.ReadAll(r.Body)
	if err != nil || !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=the-id/") {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") || r.Header.Get("x-amz-decoded-content-length") != "" {
		body = unchunk(body)
	}
	upload := q.Get("uploadId")
	switch {
	case r.Method == http.MethodPost && q.Has("uploads"):
		id := fmt.Sprint("u", len(s.parts))
		s.parts[id] = map[string][]byte{}
		fmt.Fprintf(w, `<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>`, id)
	case r.Method == http.MethodPut && upload != "":
		s.parts[upload][q.Get("partNumber")] = body
		w.Header().Set("ETag", `"p`+q.Get("partNumber")+`"`)
	case r.Method == http.MethodPost && upload != "":
		var done struct{ Part []struct{ PartNumber string } }
		if err := xml.Unmarshal(body, &done); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		var all []byte
		for _, p := range done.Part {
			all = append(all, s.parts[upload][p.PartNumber]...)
		}
		s.objects[name] = all
		fmt.Fprint(w, `<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>`)
	case r.Method == http.MethodPut:
		s.objects[name] = body
		w.Header().Set("ETag", `"x"`)
	case r.Method == http.MethodGet && q.Has("list-type"):
		bucket := strings.SplitN(name, "/", 2)[0]
		fmt.Fprint(w, `<ListBucketResult>`)
		for key, data := range s.objects {
			key = strings.TrimPrefix(key, bucket+"/")
			if strings.HasPrefix(key, q.Get("prefix")) {
				fmt.Fprintf(w, `<Contents><Key>%s</Key><Size>%d</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"x"</ETag></Contents>`, key, len(data))
			}
		}
		fmt.Fprint(w, `</ListBucketResult>`)
	case r.Method == http.MethodHead || r.Method == http.MethodGet:
		data, ok := s.objects[name]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		w.Header().Set("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
		w.Header().Set("ETag", `"x"`)
		if r.Method == http.MethodGet {
			w.Write(data)
		}
	default:
		w.WriteHeader(http.StatusNotImplemented)
	}
}

// unchunk takes the payload out of aws-chunked framing.
func unchunk(b []byte) (out []byte) {
	for {
		head, rest, ok := bytes.Cut(b, []byte("\r\n"))
		var n int
		if _, err := fmt.Sscanf(string(head), "%x", &n); !ok || err != nil || n == 0 || n > len(rest) {
			return out
		}
		out, b = append(out, rest[:n]...), bytes.TrimPrefix(rest[n:], []byte("\r\n"))
	}
}

func TestExportToS3IsWrittenByClickHouse(t *testing.T) {
	if os.Getenv("BECKON_TEST_CLICKHOUSE_URL") != "" {
		t.Skip("the store of this test is on loopback, which the ClickHouse server does not see")
	}
	db := testDB(t)
	fillTables(t, db, 5000)
	s := &store{objects: map[string][]byte{}, parts: map[string]map[string][]byte{}}
	server := httptest.NewServer(s)
	defer server.Close()
	cfg := ExportConfig{DB: db, Table: "events", From: day(2026, 1, 30), To: day(2026, 2, 2), S3: S3Target{URL: "s3://bucket/out", Endpoint: server.URL, KeyID: "the-id", KeySecret: "the-secret"}}
	m, err := Export(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows uint64
	for _, f := range m.Files {
		object := s.objects["bucket/out/"+f.Name]
		n, err := parquetRows(bytes.NewReader(object), int64(len(object)))
		if err != nil || n != f.Rows {
			t.Errorf("%s: %d bytes hold %d rows, %v; the manifest says %d", f.Name, len(object), n, err, f.Rows)
		}
		rows += n
	}
	var stored ExportManifest
	if err := json.Unmarshal(s.objects["bucket/out/events-20260130-20260202.json"], &stored); err != nil || stored.Rows != rows || rows == 0 {
		t.Errorf("the manifest says %+v, %v; the objects hold %d rows", stored, err, rows)
	}
	s.mu.Unlock()
	_, err = Export(t.Context(), cfg)
	s.mu.Lock()
	if err == nil || strings.Contains(err.Error(), "the-secret") {
		t.Errorf("exported over an export, or told the secret: %v", err)
	}
}
