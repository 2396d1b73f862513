extension Problem.Code {
    /// What the code means and what to do, in a paragraph: `purser explain CODE` and `docs/problems.md`.
    public var paragraph: String {
        switch self {
        case .usageInvalid:
            "An option, a file or a request is not as it must be: an unknown key, a wrong type, an impossible value, a path that climbs. The message names the place and the nearest right spelling. Nothing was started."
        case .configUnreadable:
            "A file that was named, or that must be there, cannot be read: missing, not a regular file, not UTF-8, too large, or without permission. Purser starts nothing without the configuration it was given."
        case .policyDenied:
            "A rule of the policy in force says block, and the mode is enforce. The rule is named with its evidence, with the time from which it would allow the release, and with the line that would exempt it. Take an older release, wait, or have the exemption approved. The rule `locked` means that --locked obeys a manifest that does not list these bytes."
        case .policyUndecidable:
            "A rule could not be decided because a fact is missing (a publish time, a data snapshot) and its on_missing_data says block. Unknown is never OK. Provide the data, or set on_missing_data for the rule."
        case .authMissing:
            "The registry wants a token and none, or none that it knows, was sent. Give --token-file or PURSER_TOKEN; clients such as pip and twine send it as the password of any user name."
        case .authForbidden:
            "The token is known but may not do this: its scopes, its repositories or its time do not cover it. Ask the registry's operator for one that does."
        case .integrityMismatch:
            "Bytes are not what somebody promised: a digest of an index, a lockfile, a signed Release file or an earlier record differs, or the answer was cut short, empty, coded in transit, a web page instead of a file, or came over TLS that is not trusted. The reason field tells which (hash, truncated, empty, html, encoding, unasked-304, changed, tls-…). Nothing of it was given to the build as a whole file, and nothing was cached."
        case .integritySignature:
            "A signature does not verify: an unknown key, an expired one, a changed payload, a wrong type, or too few keys. A statement without a signature proves nothing; sign with --signing-key and verify with --trust."
        case .identityMismatch:
            "An archive says inside that it is another package or version than its name outside. Do not use it; report it to the registry it came from."
        case .verifyDrift:
            "A replay asked for something that is not in the record, built other bytes, or two manifests differ. The message names the request or the artifact and the nearest recorded one."
        case .upstreamUnreachable:
            "The upstream could not be reached, or broke off, after the retries that are worth while. Cached copies are used where they may be. Run the job again; check proxies and DNS."
        case .upstreamRefused:
            "The upstream said no, or led to a place that is not followed: a redirect loop, a redirect away from https, an address inside the network, or a wait that is too long. Declare servers of your own with --origin or --upstream."
        case .registryUnreachable:
            "The central registry could not be reached. The build's files stay on disk; `purser push` finishes later."
        case .storageFull:
            "There is no room, or there are no inodes, where Purser stages bytes. Nothing incomplete was kept. Free space, or point --cache or TMPDIR elsewhere."
        case .storageDamaged:
            "Something stored is not what was stored: a journal that is not whole, a database page, a folder of another format. It is never repaired by deleting; restore it or move it away."
        case .versionExists:
            "The registry has this file name already, with other bytes, or had it once. A published version never changes; publish a new one."
        case .notFound:
            "What was asked for is not there: a path that is not of the protocol, a build the registry does not know, bytes nobody kept, a pattern that matches no file."
        case .archiveMalformed:
            "An archive cannot be read as its format says, reads two ways, or holds entries that leave it. Do not use it; ask whoever made it to build it again."
        case .manifestMalformed:
            "A manifest, statement or record is not exactly what Purser writes. Restore the file; it is not meant to be edited."
        case .tooLarge:
            "A document, an archive or an upload goes over a limit that protects this machine. The message names the limit."
        case .deadlineExceeded:
            "Our own deadline ran out while waiting. Running again may succeed."
        case .stateLocked:
            "Another process holds the state, and is named. Wait for it, or use another folder."
        case .sessionNoTraffic:
            "An ecosystem that was expected (--expect, session.expect) had no traffic and no verified cache hit. Most often its client did not get the session's settings: it was started by a daemon, with an environment of its own, or it was served from a cache that nobody checked."
        case .sessionCanaryFailed:
            "Before the command starts, a child with the command's environment asks for a nonce through the session's proxy and must read it back. It did not, so the job would have run uncovered, and was not started. Check that nothing resets proxy variables or CA files."
        case .sessionGap:
            "The record is not whole, or the agent's own address got into a lockfile. The report lists what and where."
        case .sessionPolicyChanged:
            "The policy file changed while the session ran. The job is judged by one policy from start to end, so the session ends."
        case .sessionAgentDied:
            "The agent of a session that was started with `purser start` is not there any more, or does not answer: it crashed, was killed, or ended itself after --max-duration. Clients that still have its settings cannot fetch anything, since there is nobody at its port, and no papers were written. Its journal stays; `purser finish` says where and what it holds. Run the job again."
        case .commandNotStarted:
            "The command of `purser run` was not found (127) or cannot be executed (126). Check the name, PATH and permissions."
        case .bug:
            "Purser did something that Purser does not know how to do. Please report it with the command and the whole text."
        }
    }
}
