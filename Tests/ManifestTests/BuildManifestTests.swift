import Core
import Manifest
import Testing

@Suite struct BuildManifestTests {
    @Test func readsBackWhatItPrints() throws {
        let manifest = try Samples.rich()
        #expect(try BuildManifest(parsing: manifest.canonicalBytes()) == manifest)
    }

    @Test func printsTheShapeThatIsDocumented() throws {
        let hex = String(repeating: "03", count: 32)
        let manifest = BuildManifest(inputs: [try Samples.input("idna", "3.10", seed: 3)])
        let file = "idna-3.10-py3-none-any.whl"
        let claim = #"{"agrees":true,"alg":"sha256","by":"index","value":"\#(hex)"}"#
        let url = "https://files.pythonhosted.org/packages/\(file)"
        let expected =
            #"{"gaps":[],"inputs":[{"claimed":[\#(claim)],"digests":{"sha256":"\#(hex)"},"file":"\#(file)","#
            + #""origin":"https://files.pythonhosted.org","purl":"pkg:pypi/idna@3.10","size":3072,"#
            + #""url":"\#(url)"}],"purser":1,"tools":[]}"#
        #expect(text(manifest.canonicalBytes()) == expected)
    }

    @Test func leavesArtifactsOutOnlyWhenNoneWereNamed() throws {
        #expect(!text(BuildManifest(inputs: []).canonicalBytes()).contains("artifacts"))
        #expect(text(BuildManifest(inputs: [], artifacts: []).canonicalBytes()).contains(#""artifacts":[]"#))
    }

    @Test func givesEqualBytesWhateverTheOrderOfFetching() throws {
        let inputs = try (1...6).map { try Samples.input("package\($0)", seed: UInt8($0)) }
        let expected = BuildManifest(inputs: inputs).canonicalBytes()
        for turn in 1..<6 {
            let turned = Array(inputs[turn...] + inputs[..<turn])
            #expect(BuildManifest(inputs: turned.reversed() + turned).canonicalBytes() == expected)
        }
    }

    @Test func mergesTheSameBytesUnderOneNameInEitherOrder() throws {
        var first = try Samples.input("idna")
        var second = first
        first.published = PublishTime(Timestamp(seconds: 20), basis: .lastModified)
        first.license = "MIT"
        second.published = PublishTime(Timestamp(seconds: 30), basis: .registryTime)
        second.evidence = PublisherEvidence(.signature)
        second.url = "https://a.example/idna.whl"
        second.origin = "https://a.example"
        second.claimed = [Input.Claim(by: "uv.lock", digest: try Samples.digest(1), agrees: true)]
        let merged = BuildManifest(inputs: [first, second])
        #expect(merged == BuildManifest(inputs: [second, first]))
        let input = try sample(merged.inputs.first)
        #expect(merged.inputs.count == 1)
        #expect(input.claimed.map(\.by) == ["index", "uv.lock"])
        #expect(input.published?.basis == .registryTime)
        #expect(input.evidence?.kind == .signature)
        #expect(input.license == "MIT")
        #expect(input.origin == "https://a.example")
    }

    @Test func keepsOtherBytesUnderOneNameApart() throws {
        let manifest = BuildManifest(inputs: [try Samples.input("idna", seed: 1), try Samples.input("idna", seed: 2)])
        #expect(manifest.inputs.count == 2)
        #expect(try BuildManifest(parsing: manifest.canonicalBytes()) == manifest)
    }

    @Test func keepsFileNamesThatDifferOnlyInUnicodeNormalisationApart() throws {
        var composed = try Samples.input("idna")
        var decomposed = composed
        composed.file = "caf\u{E9}.whl"
        decomposed.file = "cafe\u{301}.whl"
        let manifest = BuildManifest(inputs: [composed, decomposed])
        #expect(manifest.inputs.count == 2)
        #expect(try BuildManifest(parsing: manifest.canonicalBytes()).canonicalBytes() == manifest.canonicalBytes())
    }

    @Test func aDoubtfulClaimDoesNotAgree() throws {
        var input = try Samples.input("idna")
        input.claimed.append(Input.Claim(by: "index", digest: try Samples.digest(1), agrees: false))
        #expect(BuildManifest(inputs: [input]).inputs[0].claimed.map(\.agrees) == [false])
    }

    @Test func writesAPurlAsItWillBeReadBack() throws {
        var input = try Samples.input("idna")
        input.purl = Purl(type: "pypi", name: "Foo_Bar", version: "1")
        let manifest = BuildManifest(inputs: [input])
        #expect(manifest.inputs[0].purl.description == "pkg:pypi/foo-bar@1")
        #expect(try BuildManifest(parsing: manifest.canonicalBytes()) == manifest)
    }

    @Test func neverWritesAQueryValue() throws {
        let url = try HTTPURL("https://bucket.example/a.whl?X-Amz-Signature=s3cr3t&token=t0k3n")
        let input = Input(
            purl: Purl(type: "generic", name: "a.whl"),
            file: "a.whl",
            size: 1,
            digests: [try Samples.digest(1)],
            url: url
        )
        let printed = text(BuildManifest(inputs: [input]).canonicalBytes())
        #expect(!printed.contains("s3cr3t") && !printed.contains("t0k3n"))
    }

    @Test func namesTheFileInTheProblemAPersonSees() throws {
        let problem = #expect(throws: Problem.self) { try BuildManifest.read(Array("{}".utf8), named: "purser.lock") }
        #expect(problem?.code == .manifestMalformed)
        #expect(problem?.subject == "purser.lock")
    }
}
