package history

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// S3Target is a place in an S3-compatible store. ClickHouse itself writes there, so it is ClickHouse that must reach it.
type S3Target struct {
	URL       string // https://host/bucket/prefix or s3://bucket/prefix
	Endpoint  string // of s3:// URLs, https://host; "": Amazon's in Region
	Region    string // of Amazon's endpoint, "": us-east-1
	KeyID     string // access key; "": ClickHouse's own credentials, or none
	KeySecret string
}

func (s *S3Target) check() error {
	_, err := s.base()
	if err == nil && (s.KeyID == "") != (s.KeySecret == "") {
		err = errors.New("the access key and its secret go together")
	}
	return err
}

// base is the URL of the prefix, without a slash at its end.
func (s *S3Target) base() (string, error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return "", fmt.Errorf("target: %q is not s3://bucket/prefix or https://host/bucket/prefix", s.URL)
	}
	path := strings.Trim(u.Path, "/")
	switch {
	case u.Scheme == "https" || u.Scheme == "http":
	case u.Scheme == "s3" && s.Endpoint != "":
		e, err := url.Parse(s.Endpoint)
		if err != nil || e.Host == "" || e.Scheme != "https" && e.Scheme != "http" {
			return "", fmt.Errorf("endpoint: %q is not an http(s) URL", s.Endpoint)
		}
		path = strings.Trim(u.Host+"/"+path, "/")
		u = e
	case u.Scheme == "s3":
		region := s.Region
		if region == "" {
			region = "us-east-1"
		}
		u.Scheme, u.Host = "https", u.Host+".s3."+region+".amazonaws.com"
	default:
		return "", fmt.Errorf("target: scheme %q is not s3, https or http", u.Scheme)
	}
	return strings.TrimSuffix(u.Scheme+"://"+u.Host+"/"+path, "/"), nil
}

// function is ClickHouse's table function of one object.
func (s *S3Target) function(name, format string) (string, error) {
	base, err := s.base()
	if err != nil {
		return "", err
	}
	args := quoteText(base + "/" + name)
	if s.KeyID != "" {
		args += ", " + quoteText(s.KeyID) + ", " + quoteText(s.KeySecret)
	}
	return "s3(" + args + ", " + quoteText(format) + ")", nil
}

// begin reaches nothing: an insert into an object that exists is refused by ClickHouse itself (s3_truncate_on_insert is off, and so is
// s3_create_new_file_on_insert).
func (s *S3Target) begin(context.Context, driver.Conn, []string) error { return s.check() }

// put makes an object, which has its name only when its upload was completed. The rows are those counted before.
func (s *S3Target) put(ctx context.Context, conn driver.Conn, p exportPart) (ExportFile, error) {
	to, err := s.function(p.name, "Parquet")
	if err != nil {
		return ExportFile{}, err
	}
	if err := conn.Exec(ctx, "INSERT INTO FUNCTION "+to+" "+p.query); err != nil {
		return ExportFile{}, s.hide(err)
	}
	return ExportFile{Name: p.name, Rows: p.rows}, nil
}

func (s *S3Target) manifest(ctx context.Context, conn driver.Conn, name string, text []byte) error {
	to, err := s.function(name, "RawBLOB")
	if err != nil {
		return err
	}
	return s.hide(conn.Exec(ctx, "INSERT INTO FUNCTION "+to+" SELECT "+quoteText(string(text))))
}

// hide keeps the secret out of errors that quote the statement.
func (s *S3Target) hide(err error) error {
	if err == nil || s.KeySecret == "" || !strings.Contains(err.Error(), s.KeySecret) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), s.KeySecret, "[secret]"))
}
