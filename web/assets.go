package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"path"
	"sync"
)

//go:embed dist
var dist embed.FS

// Asset is a file for browsers, ready to be served. It is shared: do not change its bytes.
type Asset struct {
	Name string // as it stands in dist: b.js, shop.css, …
	Type string // media type with charset
	Body []byte
	Gzip []byte // Body compressed
	ETag string // quoted, from the content
	SRI  string // value of a script's integrity attribute
	Path string // name with the content's hash in it: may be cached for ever
}

// Beacon is b.js, the beacon with widgets and the socket.
func Beacon() *Asset { return must("b.js") }

// BeaconCore is b-core.js, the beacon that only collects.
func BeaconCore() *Asset { return must("b-core.js") }

// BeaconSRI is the integrity of b.js, for shops that pin it.
func BeaconSRI() string { return Beacon().SRI }

// Named finds an asset by its Path.
func Named(path string) (*Asset, bool) {
	a, ok := load().byPath[path]
	return a, ok
}

// AssetPath is the Path of the asset called name in dist. It panics on a name that is not there.
func AssetPath(name string) string { return must(name).Path }

func must(name string) *Asset {
	a := load().byName[name]
	if a == nil {
		panic("web: no asset " + name)
	}
	return a
}

type assets struct{ byName, byPath map[string]*Asset }

// load reads the embedded files once.
var load = sync.OnceValue(func() assets {
	all := assets{map[string]*Asset{}, map[string]*Asset{}}
	files, err := dist.ReadDir("dist")
	if err != nil {
		panic(err) // embedded: only a broken build fails
	}
	for _, f := range files {
		body, err := dist.ReadFile("dist/" + f.Name())
		if err != nil {
			panic(err)
		}
		a := newAsset(f.Name(), body)
		all.byName[a.Name], all.byPath[a.Path] = a, a
	}
	return all
})

func newAsset(name string, body []byte) *Asset {
	short := sha256.Sum256(body)
	long := sha512.Sum384(body)
	tag := hex.EncodeToString(short[:8])
	ext := path.Ext(name)
	return &Asset{
		Name: name, Type: mediaType(ext), Body: body, Gzip: compress(body),
		ETag: `"` + tag + `"`,
		SRI:  "sha384-" + base64.StdEncoding.EncodeToString(long[:]),
		Path: fmt.Sprintf("%s.%s%s", name[:len(name)-len(ext)], tag, ext),
	}
}

// mediaType is fixed here: the machine's own table differs from one to the next.
func mediaType(ext string) string {
	switch ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	zw, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	zw.Write(body) // a bytes.Buffer takes everything
	zw.Close()
	return out.Bytes()
}
