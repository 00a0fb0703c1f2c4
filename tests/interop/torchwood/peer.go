// Command peer answers, line by line, what a transparency log's friends ask: it reads and checks a
// log by torchwood's client, opens its checkpoints, and keeps a litewitness that cosigns them.
//
// Each request is one JSON object on a line, and so is each answer: {"ok": …} or {"error": "…"}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// request has the members of all requests; each uses its own.
type request struct {
	Do         string   `json:"do"`
	URL        string   `json:"url"`
	Checkpoint string   `json:"checkpoint"`
	Origin     string   `json:"origin"`
	Keys       []string `json:"keys"`
	Witnesses  []string `json:"witnesses"`
	Threshold  int      `json:"threshold"`
	Before     string   `json:"before"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	defer stopWitnesses()
	for lines.Scan() {
		var asked request
		answer := map[string]any{}
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			answer["error"] = "not a request: " + err.Error()
		} else if value, err := answerTo(asked); err != nil {
			answer["error"] = err.Error()
		} else {
			answer["ok"] = value
		}
		if err := out.Encode(answer); err != nil {
			return
		}
	}
}

func answerTo(asked request) (any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	switch asked.Do {
	case "open":
		checkpoint, err := open(asked)
		if err != nil {
			return nil, err
		}
		return map[string]any{"size": checkpoint.N, "root": checkpoint.Hash.String()}, nil
	case "read":
		return read(ctx, asked)
	case "consistent":
		return consistent(ctx, asked)
	case "witness":
		return startWitness(ctx, asked)
	default:
		return nil, fmt.Errorf("this peer does not know how to %q", asked.Do)
	}
}

// policy wants the log's key and a threshold of witnesses.
func policy(asked request) (torchwood.Policy, error) {
	parts := []torchwood.Policy{torchwood.OriginPolicy(asked.Origin)}
	for _, key := range asked.Keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return nil, err
		}
		parts = append(parts, torchwood.SingleVerifierPolicy(verifier))
	}
	var witnesses []torchwood.Policy
	for _, key := range asked.Witnesses {
		verifier, err := torchwood.NewCosignatureVerifier(key)
		if err != nil {
			return nil, err
		}
		witnesses = append(witnesses, torchwood.SingleVerifierPolicy(verifier))
	}
	if asked.Threshold > 0 {
		parts = append(parts, torchwood.ThresholdPolicy(asked.Threshold, witnesses...))
	}
	return torchwood.ThresholdPolicy(len(parts), parts...), nil
}

func open(asked request) (torchwood.Checkpoint, error) {
	policy, err := policy(asked)
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	checkpoint, _, err := torchwood.VerifyCheckpoint([]byte(asked.Checkpoint), policy)
	return checkpoint, err
}

// read fetches every entry below the checkpoint with its proof of inclusion, and checks each.
func read(ctx context.Context, asked request) (any, error) {
	checkpoint, err := open(asked)
	if err != nil {
		return nil, err
	}
	client, err := newClient(asked.URL)
	if err != nil {
		return nil, err
	}
	var hashes []string
	for index, entry := range client.AllEntries(ctx, checkpoint.Tree, 0) {
		if index != int64(len(hashes)) {
			return nil, fmt.Errorf("entry %d comes after %d", index, len(hashes))
		}
		hashes = append(hashes, tlog.RecordHash(entry).String())
	}
	if err := client.Err(); err != nil {
		return nil, err
	}
	// One at each end, and where tiles meet.
	for _, index := range []int64{0, 255, 256, checkpoint.N - 1} {
		if index >= checkpoint.N {
			continue
		}
		entry, proof, err := client.Entry(ctx, checkpoint.Tree, index)
		if err != nil {
			return nil, err
		}
		leaf := tlog.RecordHash(entry)
		if err := tlog.CheckRecord(proof, checkpoint.N, checkpoint.Hash, index, leaf); err != nil {
			return nil, err
		}
	}
	return map[string]any{"size": checkpoint.N, "entries": hashes}, nil
}

// consistent proves from the log's tiles that one checkpoint follows on another.
func consistent(ctx context.Context, asked request) (any, error) {
	after, err := open(asked)
	if err != nil {
		return nil, err
	}
	earlier := asked
	earlier.Checkpoint = asked.Before
	before, err := open(earlier)
	if err != nil {
		return nil, err
	}
	fetcher, err := torchwood.NewTileFetcher(asked.URL)
	if err != nil {
		return nil, err
	}
	reader := torchwood.TileHashReaderWithContext(ctx, after.Tree, fetcher)
	proof, err := tlog.ProveTree(after.N, before.N, reader)
	if err != nil {
		return nil, err
	}
	if err := tlog.CheckTree(proof, after.N, after.Hash, before.N, before.Hash); err != nil {
		return nil, err
	}
	return map[string]any{"hashes": len(proof)}, nil
}

func newClient(url string) (*torchwood.Client, error) {
	if url == "" {
		return nil, errors.New("no address was given")
	}
	fetcher, err := torchwood.NewTileFetcher(url)
	if err != nil {
		return nil, err
	}
	return torchwood.NewClient(fetcher)
}
