import Testing

@testable import Session

@Suite("Redaction")
struct RedactionTests {
    @Test(arguments: [
        ("curl https://user:pass@host/a", "curl https://***@host/a"),
        ("https://host/a?token=x&b=c then", "https://host/a?*** then"),
        ("'https://a/?x' https://b:c@d/#frag", "'https://a/?***' https://***@d/#***"),
        ("git@host:path", "git@host:path"), ("a@b://c", "a@b://c"),
        ("-H \"Authorization: Bearer abc\" -v", "-H \"Authorization: ***\" -v"),
        ("PRIVATE-TOKEN: abc", "PRIVATE-TOKEN: ***"), ("--//registry/:_authToken=abc", "--//registry/:_authToken= ***"),
        ("plain words: nothing", "plain words: nothing"), ("https://", "https://"),
    ])
    func aWordOfTheCommandKeepsNoSecrets(_ word: String, _ written: String) {
        #expect(Redaction.word(word) == written)
    }

    @Test func valuesOfSecretVariablesAreNotWritten() {
        let secrets = Redaction.secrets(in: [
            "NPM_TOKEN": "abcdefgh", "PATH": "/usr/bin", "db_password": "hunter22", "X_TOKEN": "no",
        ])
        #expect(secrets.sorted() == ["abcdefgh", "hunter22"])
        #expect(Redaction.word("run --with abcdefgh", secrets: secrets) == "run --with ***")
    }

    @Test(arguments: [
        ("https://u:p@host/r.git", "https://host/r.git"), ("https://host/@scope", "https://host/@scope"),
        ("git@host:r.git", "git@host:r.git"), ("https://tok@host", "https://host"),
    ])
    func aRepositoryHasNoCredentials(_ url: String, _ written: String) {
        #expect(SourceState.withoutCredentials(url) == written)
    }

    @Test func whatAnOptionNamesAsUserAndPasswordIsNotWritten() {
        let words = ["curl", "-u", "a:b", "sh -c x -u c:d 'y'", "-u", "origin"]
        #expect(Redaction.words(words, secrets: []) == ["curl", "-u", "***", "sh -c x -u *** 'y'", "-u", "origin"])
    }

    @Test(arguments: [
        (["--password", "x", "y"], ["--password", "***", "y"]), (["--api-key=x"], ["--api-key=***"]),
        (["--token", "--verbose"], ["--token", "--verbose"]), (["--token-file", "a"], ["--token-file", "a"]),
        (["--password", "x y"], ["--password", "***"]),
        (["env", "NPM_TOKEN=x", "A=b"], ["env", "NPM_TOKEN=***", "A=b"]),
        (["sh", "-c", "A_SECRET=x run --auth-token y z"], ["sh", "-c", "A_SECRET=*** run --auth-token *** z"]),
        (["-H", "X-Api-Key: x"], ["-H", "X-Api-Key: ***"]), (["-H", "Accept: a/b"], ["-H", "Accept: a/b"]),
        (["--header", "X-Mine: x"], ["--header", "X-Mine: ***"]),
        (["sh -c 'curl -H \"X-Api-Key: x\" b'"], ["sh -c 'curl -H \"X-Api-Key: ***\" b'"]),
        (["-u", "a:b"], ["-u", "***"]), (["https://a:b@c/?d"], ["https://***@c/?***"]),
    ])
    func whatANameSaysIsASecretIsNotWritten(_ words: [String], _ written: [String]) {
        #expect(Redaction.words(words, secrets: []) == written)
    }
}
