package githubtest

import "slices"

// Statuses returns the statuses of a commit, oldest first.
func (s *Server) Statuses(commit string) []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.statuses[commit])
}

// Runs returns the check runs of a commit, oldest first.
func (s *Server) Runs(commit string) []CheckRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []CheckRun
	for _, run := range s.runs[commit] {
		all = append(all, *run)
	}
	return all
}

// Comments returns the comments on a pull request, oldest first.
func (s *Server) Comments(number int) []Comment {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Comment
	for _, c := range s.comments[number] {
		all = append(all, *c)
	}
	return all
}

// Say has somebody comment on a pull request.
func (s *Server) Say(number int, login, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addComment(number, &Comment{Body: body, User: User{login}})
}

// Open opens a pull request, or gives it a new head.
func (s *Server) Open(number int, head string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulls = slices.DeleteFunc(s.pulls, func(p Pull) bool { return p.Number == number })
	s.pulls = append(s.pulls, Pull{number, Branch{head}})
}

// Requests returns what was asked, in order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// SetDown says whether GitHub is down: nobody gets an answer then.
func (s *Server) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

func (s *Server) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}
