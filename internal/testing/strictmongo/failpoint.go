package strictmongo

import "go.mongodb.org/mongo-driver/v2/bson"

// failPoint is failCommand, as drivers test with it.
// https://github.com/mongodb/mongo/wiki/The-%22failCommand%22-fail-point
type failPoint struct {
	commands map[string]bool
	appName  string
	times    int64 // that are left
	fault    *Fault
}

// configureFailPoint sets or ends the one fail point that there is.
func configureFailPoint(r *request) (bson.D, error) {
	if name := text(r.body.Lookup("configureFailPoint")); name != "failCommand" {
		return nil, code{192, "FailPointSetFailed"}.is("%s not found", name)
	}
	data, _ := r.body.Lookup("data").DocumentOK()
	times, _ := r.body.Lookup("mode", "times").AsInt64OK()
	p := &failPoint{commands: map[string]bool{}, appName: text(data.Lookup("appName")), times: times,
		fault: &Fault{As: CutBefore}}
	for _, name := range items(data.Lookup("failCommands")) {
		p.commands[text(name)] = true
	}
	if number, ok := data.Lookup("errorCode").AsInt64OK(); ok {
		p.fault = Passing(int32(number), "FailPoint")
	}
	r.server.failing = p
	return nil, nil
}

// failPointOf is what the fail point does to a command; nil is nothing.
func (s *Server) failPointOf(r *request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.failing
	if p == nil || p.times <= 0 || !p.commands[r.name] || p.appName != "" && p.appName != r.client.appName {
		return nil
	}
	p.times--
	return p.fault
}

// stepDown makes the next member the primary. https://www.mongodb.com/docs/manual/reference/command/replSetStepDown/
func stepDown(r *request) (bson.D, error) {
	if r.secondary() || len(r.server.members) < 2 {
		return nil, code{10107, "NotWritablePrimary"}.is("not primary so can't step down")
	}
	r.server.primary = (r.server.primary + 1) % len(r.server.members)
	return nil, nil
}
