package githubtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Server is a GitHub that keeps state: statuses, check runs, comments and
// pull requests of one repository, o/r. It knows no more of GitHub than tests
// need; Prism checks requests against GitHub's own description.
type Server struct {
	// Login is who the token or the App is; an App's ends with [bot].
	Login string
	// Fail, where it is set, sees each request first. Where it returns true,
	// it has answered.
	Fail func(w http.ResponseWriter, r *http.Request) bool

	mu       sync.Mutex
	down     bool
	ids      int64
	statuses map[string][]Status // by commit, oldest first
	runs     map[string][]*CheckRun
	comments map[int][]*Comment
	pulls    []Pull
	requests []Request
	tokens   int
}

// A Status is a commit status.
type Status struct {
	State       string `json:"state"`
	Description string `json:"description"`
	Context     string `json:"context"`
	TargetURL   string `json:"target_url"`
}

// A CheckRun is a check run.
type CheckRun struct {
	ID         int64  `json:"id"`
	Name       string `json:"name"`
	HeadSHA    string `json:"head_sha"`
	ExternalID string `json:"external_id"`
	Status     string `json:"status"`
	Conclusion string `json:"conclusion,omitempty"`
	Output     Output `json:"output"`
	App        App    `json:"app"`
}

// An Output is what a check run shows.
type Output struct {
	Title       string           `json:"title"`
	Summary     string           `json:"summary"`
	Count       int              `json:"annotations_count"`
	Annotations []map[string]any `json:"annotations,omitempty"`
}

// An App is who made a check run.
type App struct {
	Slug string `json:"slug"`
}

// A Comment is a comment on a pull request.
type Comment struct {
	ID   int64  `json:"id"`
	Body string `json:"body"`
	User User   `json:"user"`
}

// A User is who wrote a comment.
type User struct {
	Login string `json:"login"`
}

// A Pull is an open pull request.
type Pull struct {
	Number int    `json:"number"`
	Head   Branch `json:"head"`
}

// A Branch is an end of a pull request.
type Branch struct {
	SHA string `json:"sha"`
}

// A Request is one that was made, and how it was answered.
type Request struct {
	Method, Path, Authorization string
	Status                      int
	At                          time.Time
}

// Writes reports whether the request is to change something.
func (r Request) Writes() bool { return r.Method != http.MethodGet }

// RoundTrip answers without a network, so that a test may have a clock of its
// own.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.isDown() {
		return nil, errors.New("connection refused")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

// ServeHTTP answers as GitHub does; while it is down, not at all.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.isDown() {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := &status{ResponseWriter: w, code: http.StatusOK}
	if s.Fail == nil || !s.Fail(seen, r) {
		s.answer(seen, r)
	}
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, r.Header.Get("Authorization"), seen.code, time.Now()})
}

type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /user", func(w http.ResponseWriter, r *http.Request) { reply(w, r, 200, User{s.Login}) })
	mux.HandleFunc("GET /app", func(w http.ResponseWriter, r *http.Request) {
		reply(w, r, 200, App{strings.TrimSuffix(s.Login, "[bot]")})
	})
	mux.HandleFunc("POST /app/installations/{id}/access_tokens", s.makeToken)
	mux.HandleFunc("GET /repos/o/r/commits/{sha}/statuses", s.listStatuses)
	mux.HandleFunc("POST /repos/o/r/statuses/{sha}", s.makeStatus)
	mux.HandleFunc("GET /repos/o/r/commits/{sha}/check-runs", s.listRuns)
	mux.HandleFunc("POST /repos/o/r/check-runs", s.makeRun)
	mux.HandleFunc("PATCH /repos/o/r/check-runs/{id}", s.changeRun)
	mux.HandleFunc("GET /repos/o/r/pulls", func(w http.ResponseWriter, r *http.Request) { reply(w, r, 200, s.pulls) })
	mux.HandleFunc("GET /repos/o/r/issues/{number}/comments", s.listComments)
	mux.HandleFunc("POST /repos/o/r/issues/{number}/comments", s.makeComment)
	mux.HandleFunc("PATCH /repos/o/r/issues/comments/{id}", s.changeComment)
	mux.HandleFunc("DELETE /repos/o/r/issues/comments/{id}", s.removeComment)
	mux.ServeHTTP(w, r)
}

// reply answers with a value; a read can be on condition that it changed.
func reply(w http.ResponseWriter, r *http.Request, code int, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if r.Method == http.MethodGet {
		tag := fmt.Sprintf("\"%x\"", data)
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(data) // the reader may have gone
}

func read(w http.ResponseWriter, r *http.Request, value any) bool {
	if err := json.NewDecoder(r.Body).Decode(value); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func (s *Server) makeToken(w http.ResponseWriter, r *http.Request) {
	s.tokens++
	reply(w, r, 201, map[string]any{"token": fmt.Sprintf("ghs_%d", s.tokens), "expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
}

func (s *Server) listStatuses(w http.ResponseWriter, r *http.Request) {
	newest := slices.Clone(s.statuses[r.PathValue("sha")])
	slices.Reverse(newest)
	reply(w, r, 200, newest)
}

func (s *Server) makeStatus(w http.ResponseWriter, r *http.Request) {
	var made Status
	if read(w, r, &made) {
		if s.statuses == nil {
			s.statuses = make(map[string][]Status)
		}
		s.statuses[r.PathValue("sha")] = append(s.statuses[r.PathValue("sha")], made)
		reply(w, r, 201, made)
	}
}

func (s *Server) listRuns(w http.ResponseWriter, r *http.Request) {
	runs := []*CheckRun{}
	for _, run := range s.runs[r.PathValue("sha")] {
		short := *run
		short.Output.Annotations = nil
		runs = append(runs, &short)
	}
	reply(w, r, 200, map[string]any{"total_count": len(runs), "check_runs": runs})
}

// maxBatch is how many annotations GitHub takes at once.
const maxBatch = 50

func (s *Server) makeRun(w http.ResponseWriter, r *http.Request) {
	var made CheckRun
	if !read(w, r, &made) {
		return
	}
	if len(made.Output.Annotations) > maxBatch {
		http.Error(w, "too many annotations", http.StatusUnprocessableEntity)
		return
	}
	s.ids++
	made.ID, made.App, made.Output.Count = s.ids, App{strings.TrimSuffix(s.Login, "[bot]")}, len(made.Output.Annotations)
	if s.runs == nil {
		s.runs = make(map[string][]*CheckRun)
	}
	s.runs[made.HeadSHA] = append(s.runs[made.HeadSHA], &made)
	reply(w, r, 201, made)
}

func (s *Server) changeRun(w http.ResponseWriter, r *http.Request) {
	for _, run := range slices.Concat(slices.Collect(maps.Values(s.runs))...) {
		if strconv.FormatInt(run.ID, 10) != r.PathValue("id") {
			continue
		}
		before := run.Output.Annotations
		run.Output.Annotations = nil
		if !read(w, r, run) {
			return
		}
		if len(run.Output.Annotations) > maxBatch {
			http.Error(w, "too many annotations", http.StatusUnprocessableEntity)
			return
		}
		run.Output.Annotations = append(before, run.Output.Annotations...)
		run.Output.Count = len(run.Output.Annotations)
		reply(w, r, 200, run)
		return
	}
	http.NotFound(w, r)
}

func (s *Server) listComments(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("number"))
	all := s.comments[number]
	size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	first := min(len(all), size*max(page-1, 0))
	last := min(len(all), first+size)
	if last < len(all) {
		w.Header().Set("Link", fmt.Sprintf(`<https://%s%s?page=%d>; rel="next"`, r.Host, r.URL.Path, max(page, 1)+1))
	}
	reply(w, r, 200, append([]*Comment{}, all[first:last]...))
}

func (s *Server) makeComment(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("number"))
	made := Comment{User: User{s.Login}}
	if read(w, r, &made) {
		s.addComment(number, &made)
		reply(w, r, 201, made)
	}
}

func (s *Server) addComment(number int, c *Comment) {
	if s.comments == nil {
		s.comments = make(map[int][]*Comment)
	}
	s.ids++
	c.ID = s.ids
	s.comments[number] = append(s.comments[number], c)
}

func (s *Server) changeComment(w http.ResponseWriter, r *http.Request) {
	for _, c := range slices.Concat(slices.Collect(maps.Values(s.comments))...) {
		if strconv.FormatInt(c.ID, 10) == r.PathValue("id") && c.User.Login == s.Login {
			read(w, r, c)
			reply(w, r, 200, c)
			return
		}
	}
	http.NotFound(w, r)
}

func (s *Server) removeComment(w http.ResponseWriter, r *http.Request) {
	for number := range s.comments {
		s.comments[number] = slices.DeleteFunc(s.comments[number], func(c *Comment) bool {
			return strconv.FormatInt(c.ID, 10) == r.PathValue("id") && c.User.Login == s.Login
		})
	}
	w.WriteHeader(http.StatusNoContent)
}
