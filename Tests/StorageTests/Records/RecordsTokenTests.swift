import Core
import Foundation
import Storage
import Testing

@Suite struct RecordsTokenTests {
    private func token(
        _ scopes: Set<Scope>,
        _ repositories: [String] = ["*"],
        expires: Timestamp? = nil
    ) throws -> TokenRecord {
        TokenRecord(
            id: "abc",
            hash: try digest("h"),
            description: "ci of main",
            grants: (scopes, repositories),
            created: now,
            expires: expires
        )
    }

    @Test func keepsATokenAndItsRevocation() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            let token = try token(
                [.read, .publish],
                ["main", "team-*"],
                expires: Timestamp(seconds: now.seconds + 60)
            )
            try await records.add(token, by: "command", at: now)
            #expect(try await records.token(id: "abc") == token)
            #expect(try await records.revokeToken(id: "abc", by: "command", at: now))
            #expect(try await !records.revokeToken(id: "abc", by: "command", at: now))
            #expect(try await records.token(id: "abc")?.isValid(at: now) == false)
        }
    }

    @Test func expiresAtItsTime() throws {
        let token = try token([.read], expires: now)
        #expect(token.isValid(at: Timestamp(seconds: now.seconds - 1)))
        #expect(!token.isValid(at: now))
    }

    @Test(arguments: [
        ("main", "main", true), ("main", "mainly", false), ("*", "anything", true), ("team-*", "team-a", true),
        ("team-*", "teams", false), ("*-ci", "a-ci", true), ("a*b*c", "axxbyyc", true), ("a*b*c", "acb", false),
        ("ab*ba", "aba", false), ("", "main", false),
    ])
    func globsMatchWholeNames(glob: String, name: String, expected: Bool) throws {
        #expect(try token([.read], [glob]).grants(.read, on: name) == expected)
    }

    @Test func adminIncludesTheOthersAndNothingElseDoes() throws {
        for scope in Scope.allCases {
            #expect(try token([.admin]).grants(scope, on: "main"))
            #expect(try token([.publish]).grants(scope, on: "main") == (scope == .publish))
        }
    }

    @Test func theEventLogShowsAChangedLine() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            try await records.add(try token([.read]), by: "command", at: now)
            _ = try await records.revokeToken(id: "abc", by: "command", at: now)
            #expect(try await records.events(after: 1).map(\.kind) == ["token.created", "token.revoked"])
            #expect(try await records.events(after: 0, repositories: ["main"]).map(\.kind) == ["repository.created"])
            #expect(try await records.complaints().isEmpty)
        }
    }

    @Test func clampsAnAbsurdPage() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            for limit in [-1, 0] { #expect(try await records.events(after: 0, limit: limit).isEmpty) }
            #expect(try await records.events(after: .max, limit: .max).isEmpty)
            #expect(try await records.events(after: -1, limit: 1_000_000_000).count == 1)
        }
    }
}
