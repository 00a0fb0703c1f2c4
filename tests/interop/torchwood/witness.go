package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/tlog"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

const witnessName = "litewitness.example/w1"

var stops []func()

func stopWitnesses() {
	for _, stop := range stops {
		stop()
	}
}

// startWitness runs a litewitness that knows one log, with its key in an agent of this process.
func startWitness(ctx context.Context, asked request) (any, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", "litewitness")
	if err != nil {
		return nil, err
	}
	stops = append(stops, func() { os.RemoveAll(home) })
	public, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(home, "agent")
	if err := serveAgent(socket, secret); err != nil {
		return nil, err
	}
	signer, err := torchwood.NewCosignatureSigner(witnessName, secret)
	if err != nil {
		return nil, err
	}
	database := filepath.Join(home, "db")
	if err := registerLog(database, asked); err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return nil, err
	}
	program := filepath.Join(filepath.Dir(self), "litewitness")
	witness := exec.Command(program, "-name", witnessName, "-db", database, "-ssh-agent", socket,
		"-key", ssh.FingerprintSHA256(key), "-listen", address)
	if err := witness.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- witness.Wait() }()
	stops = append(stops, func() { witness.Process.Kill(); <-ended })
	url := "http://" + address
	for {
		answer, err := http.Get(url + "/")
		if err == nil {
			answer.Body.Close()
			break
		}
		select {
		case err := <-ended:
			ended <- err
			return nil, fmt.Errorf("litewitness ended: %v", err)
		case <-ctx.Done():
			return nil, errors.New("litewitness does not answer")
		case <-time.After(50 * time.Millisecond):
		}
	}
	return map[string]any{"url": url, "key": signer.Verifier().String()}, nil
}

// registerLog makes the database as witnessctl would, which needs a module that this one does not.
func registerLog(path string, asked request) error {
	database, err := sqlite.OpenConn(path)
	if err != nil {
		return err
	}
	defer database.Close()
	const tables = `
		CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL);
		CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY(origin) REFERENCES log(origin));
	`
	if err := sqlitex.ExecScript(database, tables); err != nil {
		return err
	}
	empty, err := tlog.TreeHash(0, nil)
	if err != nil {
		return err
	}
	log := &sqlitex.ExecOptions{Args: []any{asked.Origin, 0, empty.String()}}
	if err := sqlitex.Execute(database, "INSERT INTO log VALUES (?, ?, ?)", log); err != nil {
		return err
	}
	for _, key := range asked.Keys {
		options := &sqlitex.ExecOptions{Args: []any{asked.Origin, key}}
		if err := sqlitex.Execute(database, "INSERT INTO key VALUES (?, ?)", options); err != nil {
			return err
		}
	}
	return nil
}

func serveAgent(socket string, secret ed25519.PrivateKey) error {
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: secret}); err != nil {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	stops = append(stops, func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go agent.ServeAgent(ring, connection)
		}
	}()
	return nil
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
