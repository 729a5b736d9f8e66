package target_test

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// A hub is a GitHub that keeps the Git database of one repository, o/r, with
// the object names that Git gives.
type hub struct {
	mu      sync.Mutex
	down    bool
	fail    func(w http.ResponseWriter, r *http.Request) bool // where it returns true, it has answered
	cut     int                                               // entries in a recursive tree; 0 is all
	blobs   map[string]string
	trees   map[string]map[string]string // by id: name to id; a folder's name ends with a slash
	commits map[string]hubCommit
	refs    map[string]string
	writes  []time.Time
	count   map[string]int // requests by method and last part of the path
}

type hubCommit struct {
	Message string         `json:"message"`
	Tree    string         `json:"tree"`
	Parents []string       `json:"parents"`
	Author  map[string]any `json:"author"`
}

func newHub() *hub {
	return &hub{blobs: map[string]string{}, trees: map[string]map[string]string{}, commits: map[string]hubCommit{}, refs: map[string]string{}, count: map[string]int{}}
}

func object(kind, content string) string {
	sum := sha1.Sum([]byte(fmt.Sprintf("%s %d\x00%s", kind, len(content), content)))
	return hex.EncodeToString(sum[:])
}

func (h *hub) putBlob(content string) string {
	id := object("blob", content)
	h.blobs[id] = content
	return id
}

// putTree stores the tree of files (path to blob), and returns its name.
func (h *hub) putTree(files map[string]string) string {
	folders := map[string]map[string]string{}
	entries := map[string]string{}
	for name, id := range files {
		if first, rest, deep := strings.Cut(name, "/"); deep {
			if folders[first] == nil {
				folders[first] = map[string]string{}
			}
			folders[first][rest] = id
		} else {
			entries[name] = id
		}
	}
	for name, files := range folders {
		entries[name+"/"] = h.putTree(files)
	}
	var raw strings.Builder
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		id, err := hex.DecodeString(entries[name])
		if err != nil {
			panic(err)
		}
		mode := "100644"
		if strings.HasSuffix(name, "/") {
			mode = "40000"
		}
		raw.WriteString(mode + " " + strings.TrimSuffix(name, "/") + "\x00" + string(id))
	}
	id := object("tree", raw.String())
	h.trees[id] = entries
	return id
}

// flat lists the files of a tree.
func (h *hub) flat(id, prefix string, into map[string]string) map[string]string {
	for name, entry := range h.trees[id] {
		if strings.HasSuffix(name, "/") {
			h.flat(entry, prefix+name, into)
		} else {
			into[prefix+name] = entry
		}
	}
	return into
}

func (h *hub) putCommit(c hubCommit) string {
	id := object("commit", fmt.Sprint(c))
	h.commits[id] = c
	return id
}

// files are those below a folder of a branch.
func (h *hub) files(branch, folder string) map[string]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	files := map[string]string{}
	for name, id := range h.flat(h.commits[h.refs[branch]].Tree, "", map[string]string{}) {
		if rest, ok := strings.CutPrefix(name, strings.TrimPrefix(folder+"/", "/")); ok {
			files[rest] = h.blobs[id]
		}
	}
	return files
}

// alter makes a commit of somebody else's.
func (h *hub) alter(branch, folder string, changes map[string]*string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	files := h.flat(h.commits[h.refs[branch]].Tree, "", map[string]string{})
	for name, content := range changes {
		if name = path.Join(folder, name); content == nil {
			delete(files, name)
		} else {
			files[name] = h.putBlob(*content)
		}
	}
	c := hubCommit{Message: "By somebody else", Tree: h.putTree(files)}
	if tip := h.refs[branch]; tip != "" {
		c.Parents = []string{tip}
	}
	h.refs[branch] = h.putCommit(c)
}

// RoundTrip answers without a network.
func (h *hub) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		return nil, errors.New("connection refused")
	}
	w := httptest.NewRecorder()
	h.count[r.Method+" "+path.Base(path.Dir(r.URL.Path))]++
	if r.Method != http.MethodGet {
		h.writes = append(h.writes, time.Now())
	}
	if h.fail == nil || !h.fail(w, r) {
		h.answer(w, r)
	}
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

func (h *hub) answer(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /repos/o/r", func(w http.ResponseWriter, r *http.Request) { tell(w, 200, map[string]any{"name": "r"}) })
	mux.HandleFunc("GET /repos/o/r/git/ref/heads/{branch}", h.getRef)
	mux.HandleFunc("GET /repos/o/r/git/commits/{id}", h.getCommit)
	mux.HandleFunc("GET /repos/o/r/git/trees/{id}", h.getTree)
	mux.HandleFunc("GET /repos/o/r/git/blobs/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(h.blobs[r.PathValue("id")]))
	})
	mux.HandleFunc("PUT /repos/o/r/contents/{path...}", h.putContents)
	mux.HandleFunc("POST /repos/o/r/git/blobs", h.makeBlob)
	mux.HandleFunc("POST /repos/o/r/git/trees", h.makeTree)
	mux.HandleFunc("POST /repos/o/r/git/commits", h.makeCommit)
	mux.HandleFunc("POST /repos/o/r/git/refs", h.makeRef)
	mux.HandleFunc("PATCH /repos/o/r/git/refs/heads/{branch}", h.moveRef)
	if r.Header.Get("Authorization") != "Bearer "+token {
		tell(w, http.StatusUnauthorized, map[string]any{"message": "Bad credentials"})
		return
	}
	if len(h.refs) == 0 && strings.Contains(r.URL.Path, "/git/") {
		tell(w, http.StatusConflict, map[string]any{"message": "Git Repository is empty."})
		return
	}
	mux.ServeHTTP(w, r)
}

func tell(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(value)
}

func ask[T any](w http.ResponseWriter, r *http.Request) (value T, ok bool) {
	if err := json.NewDecoder(r.Body).Decode(&value); err != nil {
		tell(w, http.StatusBadRequest, map[string]any{"message": err.Error()})
		return value, false
	}
	return value, true
}

func refAnswer(branch, id string) map[string]any {
	return map[string]any{"ref": "refs/heads/" + branch, "object": map[string]any{"sha": id, "type": "commit"}}
}

func (h *hub) getRef(w http.ResponseWriter, r *http.Request) {
	id, ok := h.refs[r.PathValue("branch")]
	if !ok {
		tell(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
		return
	}
	tell(w, 200, refAnswer(r.PathValue("branch"), id))
}

func (h *hub) getCommit(w http.ResponseWriter, r *http.Request) {
	c, ok := h.commits[r.PathValue("id")]
	if !ok {
		tell(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
		return
	}
	tell(w, 200, map[string]any{"sha": r.PathValue("id"), "message": c.Message, "tree": map[string]any{"sha": c.Tree}})
}

func (h *hub) getTree(w http.ResponseWriter, r *http.Request) {
	entries := []map[string]any{}
	id, cut := r.PathValue("id"), false
	if r.URL.Query().Get("recursive") == "1" {
		all := h.flat(id, "", map[string]string{})
		for _, name := range slices.Sorted(maps.Keys(all)) {
			entries = append(entries, map[string]any{"path": name, "mode": "100644", "type": "blob", "sha": all[name]})
		}
		if cut = h.cut > 0 && len(entries) > h.cut; cut {
			entries = entries[:h.cut]
		}
	} else {
		for name, id := range h.trees[id] {
			if folder, ok := strings.CutSuffix(name, "/"); ok {
				entries = append(entries, map[string]any{"path": folder, "mode": "040000", "type": "tree", "sha": id})
			} else {
				entries = append(entries, map[string]any{"path": name, "mode": "100644", "type": "blob", "sha": id})
			}
		}
	}
	tell(w, 200, map[string]any{"sha": id, "tree": entries, "truncated": cut})
}

func (h *hub) putContents(w http.ResponseWriter, r *http.Request) {
	v, ok := ask[struct{ Content, Branch, Message string }](w, r)
	if !ok {
		return
	}
	content, err := base64.StdEncoding.DecodeString(v.Content)
	if err != nil {
		tell(w, 422, map[string]any{"message": err.Error()})
		return
	}
	h.refs[v.Branch] = h.putCommit(hubCommit{Message: v.Message, Tree: h.putTree(map[string]string{r.PathValue("path"): h.putBlob(string(content))})})
	tell(w, 201, map[string]any{"commit": map[string]any{"sha": h.refs[v.Branch]}})
}

func (h *hub) makeBlob(w http.ResponseWriter, r *http.Request) {
	v, ok := ask[struct{ Content, Encoding string }](w, r)
	content, err := base64.StdEncoding.DecodeString(v.Content)
	if !ok || err != nil || v.Encoding != "base64" {
		tell(w, 422, map[string]any{"message": "no base64"})
		return
	}
	tell(w, 201, map[string]any{"sha": h.putBlob(string(content))})
}

func (h *hub) makeTree(w http.ResponseWriter, r *http.Request) {
	v, ok := ask[struct {
		Base string `json:"base_tree"`
		Tree []struct {
			Path, Mode, Type string
			SHA, Content     *string
		}
	}](w, r)
	if !ok {
		return
	}
	files := h.flat(v.Base, "", map[string]string{})
	for _, e := range v.Tree {
		_, there := files[e.Path]
		switch {
		case e.Content != nil:
			files[e.Path] = h.putBlob(*e.Content)
		case e.SHA != nil:
			files[e.Path] = *e.SHA
		case !there:
			tell(w, 422, map[string]any{"message": "GitRPC::BadObjectState"})
			return
		default:
			delete(files, e.Path)
		}
	}
	tell(w, 201, map[string]any{"sha": h.putTree(files)})
}

func (h *hub) makeCommit(w http.ResponseWriter, r *http.Request) {
	if c, ok := ask[hubCommit](w, r); ok {
		tell(w, 201, map[string]any{"sha": h.putCommit(c)})
	}
}

func (h *hub) makeRef(w http.ResponseWriter, r *http.Request) {
	v, ok := ask[struct{ Ref, SHA string }](w, r)
	branch := strings.TrimPrefix(v.Ref, "refs/heads/")
	if _, there := h.refs[branch]; !ok || there {
		tell(w, 422, map[string]any{"message": "Reference already exists"})
		return
	}
	h.refs[branch] = v.SHA
	tell(w, 201, refAnswer(branch, v.SHA))
}

func (h *hub) moveRef(w http.ResponseWriter, r *http.Request) {
	v, ok := ask[struct {
		SHA   string
		Force bool
	}](w, r)
	branch := r.PathValue("branch")
	if !ok || v.Force || !slices.Contains(h.commits[v.SHA].Parents, h.refs[branch]) {
		tell(w, 422, map[string]any{"message": "Update is not a fast forward"})
		return
	}
	h.refs[branch] = v.SHA
	tell(w, 200, refAnswer(branch, v.SHA))
}
