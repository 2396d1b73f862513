import Core
import Manifest
import Testing

@Suite struct DifferenceTests {
    private func manifest(_ inputs: [Input]) -> BuildManifest { BuildManifest(inputs: inputs) }

    @Test func equalManifestsAreIdentical() throws {
        let difference = diff(try Samples.rich(), try Samples.rich())
        #expect(difference.verdict == .identical)
        #expect(difference.lines == ["identical"])
    }

    @Test func otherBytesUnderOneNameAreAnAlarm() throws {
        let difference = diff(
            manifest([try Samples.input("idna", seed: 1)]),
            manifest([try Samples.input("idna", seed: 2), try Samples.input("six", seed: 3)])
        )
        #expect(difference.verdicts == [.contentChanged, .inputsChanged])
        #expect(difference.verdict.rawValue == "content-changed-under-same-purl")
        #expect(difference.replaced.count == 1 && difference.added.count == 1 && difference.removed.isEmpty)
        let name = "pkg:pypi/idna@1.0 idna-1.0-py3-none-any.whl"
        #expect(difference.lines.contains("  ! \(name)  010101010101 → 020202020202"))
    }

    @Test func anotherVersionIsOneLine() throws {
        let difference = diff(
            manifest([try Samples.input("idna", "3.9", seed: 1)]),
            manifest([try Samples.input("idna", "3.10", seed: 2)])
        )
        #expect(difference.verdicts == [.inputsChanged])
        #expect(difference.lines == ["inputs-changed", "inputs:", "  ~ pkg:pypi/idna 3.9 → 3.10"])
    }

    @Test func sameBytesFromElsewhereAreNoChangedInput() throws {
        var moved = try Samples.input("idna")
        moved.origin = "https://mirror.example"
        let difference = diff(manifest([try Samples.input("idna")]), manifest([moved]))
        #expect(difference.verdicts == [.factsChanged])
        #expect(difference.lines.last == "  ~ pkg:pypi/idna@1.0 idna-1.0-py3-none-any.whl: origin")
    }

    @Test func toolsArtifactsAndGapsHaveTheirOwnWords() throws {
        let before = try Samples.rich()
        let tool = Tool(name: "python", version: "3.12.0", digest: try Samples.digest(8), origin: "image")
        let output = Output(
            name: "app-1.0.tar.gz",
            path: "dist/app-1.0.tar.gz",
            size: 11,
            digests: [try Samples.digest(21)]
        )
        let after = BuildManifest(inputs: before.inputs, tools: [tool], artifacts: [output], gaps: [])
        let difference = diff(before, after)
        #expect(difference.verdicts == [.toolchainChanged, .artifactsDiffer, .factsChanged])
        #expect(difference.lines.contains("  ! dist/app-1.0.tar.gz  141414141414 → 151515151515"))
        #expect(difference.lines.contains("  - opaque-tunnel example.org:443"))
        #expect(difference.lines.contains("  + python 3.12.0  080808080808"))
    }

    @Test func aMissingArtifactListDiffersFromANamedArtifact() throws {
        let before = try Samples.rich()
        let after = BuildManifest(inputs: before.inputs, tools: before.tools, gaps: before.gaps)
        #expect(diff(before, after).verdicts == [.artifactsDiffer])
    }
}

@Suite struct TableTests {
    @Test func showsWhatCameInAndWhatWentOut() throws {
        let table = try Samples.rich().table
        #expect(table[0] == "2 inputs (2 pypi), 10.2 kB; 1 artifact; 1 gap")
        #expect(table.contains { $0.hasPrefix("pkg:pypi/requests@2.32.3") && $0.contains("index, uv.lock") })
        #expect(table.contains { $0.contains("dist/app-1.0.tar.gz") })
        #expect(table.contains("  opaque-tunnel example.org:443"))
    }

    @Test func saysWhenNothingWentPast() {
        #expect(BuildManifest(inputs: []).table.last == "no gaps: all traffic was read")
    }

    @Test func saysWhoDisagreedAndWhereNobodyVouched() throws {
        var wrong = try Samples.input("idna")
        wrong.claimed = [Input.Claim(by: "index", digest: try Samples.digest(2), agrees: false)]
        var alone = try Samples.input("six")
        alone.claimed = []
        let table = BuildManifest(inputs: [wrong, alone]).table
        #expect(table.contains { $0.contains("index (disagrees)") })
        #expect(table.contains { $0.contains("nobody") })
        #expect(table[0].contains("1 unclaimed"))
    }

    @Test func neverPrintsAControlCharacter() throws {
        var input = try Samples.input("idna")
        input.file = "a\u{1B}[31m\n\u{202E}.whl"
        let manifest = BuildManifest(inputs: [input])
        for line in manifest.table + diff(BuildManifest(inputs: []), manifest).lines {
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
        }
    }
}
