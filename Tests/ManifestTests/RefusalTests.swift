import Core
import JSONText
import Manifest
import Testing

@Suite struct RefusalTests {
    private func refusal(of text: String) -> String? {
        do {
            _ = try BuildManifest(parsing: Array(text.utf8))
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("\"gaps\":[", "\"gap\":[", "has no 'gaps'"),
        ("\"purser\":1", "\"purser\":2", "purser is a format"),
        ("\"purser\":1", "\"purser\":\"1\"", "purser is not a whole number"),
        ("\"purser\":1", "\"purser\":1,\"voyage\":{}", "unknown key 'voyage'"),
        ("\"size\":7168", "\"size\":-1", "size is not a whole number"),
        ("\"size\":7168", "\"size\":7168.5", "size is not a whole number"),
        ("\"size\":7168", "\"size\":9007199254740993", "size is not a whole number"),
        ("\"size\":7168", "\"size\":1e999", ""),
        ("\"size\":7168", "\"size\":7168.0", ""),
        ("\"size\":7168", "\"size\":null", "size is not a whole number"),
        ("\"alg\":\"sha256\"", "\"alg\":\"SHA256\"", "is not a digest algorithm"),
        ("\"license\":\"Apache-2.0\"", "\"license\":null", "license is not a string"),
        ("\"agrees\":true", "\"agrees\":1", "is neither true nor false"),
        ("\"basis\":\"registry-time\"", "\"basis\":\"none\"", "is not a basis of time"),
        ("2024-05-29T08:40:00Z", "2024-05-29T08:40:00+00:00", "is not a time"),
        ("\"kind\":\"opaque-tunnel\"", "\"kind\":\"Opaque Tunnel\"", "kind is not a word"),
        ("pkg:pypi/requests@2.32.3", "pkg:pypi/Requests@2.32.3", "canonical form"),
        ("pkg:pypi/requests@2.32.3", "pkg:PYPI/requests@2.32.3", "canonical form"),
        ("pkg:pypi/requests@2.32.3", "pkg:pypi/%zz@2.32.3", "is not a purl"),
        ("pkg:pypi/requests@2.32.3", "requests", "is not a purl"),
        ("{\"artifacts\"", " {\"artifacts\"", "canonical form"),
        ("\"tools\":[", "\"tools\": [", "canonical form"),
        ("\"purser\":1", "\"purser\":1,\"purser\":1", ""),
        ("\"inputs\":[", "\"inputs\":[,", ""),
        ("\"purser\":1", "\"purser\":NaN", ""),
        ("\"Apache-2.0\"", "\"\\ud800\"", ""),
    ])
    func refusesWhatItWouldNotWrite(_ found: String, _ replacement: String, _ why: String) throws {
        let good = text(try Samples.rich().canonicalBytes())
        let range = try #require(good.firstRange(of: found), "\(found) is not in the sample")
        let bad = good.replacingCharacters(in: range, with: replacement)
        let answer = try #require(refusal(of: bad))
        #expect(answer.contains(why), "\(answer)")
    }

    @Test(arguments: [
        ("", "dist/"), (".", "dist/."), ("..", ".."), ("../a", "dist/../a"), ("a/b", "dist/a/b"),
        ("a\u{0}", "dist/a\u{0}"),
        ("a\nb", "dist/a\nb"), ("a", "/a"), ("a", "../a"), ("a", "dist//a"), ("a", "./a"), ("a", "b"), ("a", "dist/b"),
    ])
    func anArtifactIsAFileBelowTheProject(_ name: String, _ path: String) throws {
        let output = Output(name: name, path: path, size: 1, digests: [try Samples.digest(3)])
        let bytes = BuildManifest(inputs: [], artifacts: [output]).canonicalBytes()
        #expect(refusal(of: text(bytes))?.contains("file") == true, "\(name) at \(path)")
    }

    @Test func refusesWrongDigests() throws {
        let good = text(try Samples.rich().canonicalBytes())
        let hex = String(repeating: "03", count: 32)
        for bad in [String(hex.dropLast(2)), String(hex.dropLast()) + "g", hex.dropLast(2) + "AB"] {
            #expect(refusal(of: good.replacing(hex, with: bad)) != nil)
        }
        #expect(refusal(of: good.replacing("\"sha512\"", with: "\"sha3\"")) != nil)
        #expect(refusal(of: good.replacing("{\"sha256\":\"\(hex)\"}", with: "{}"))?.contains("has no 'sha256'") == true)
    }

    @Test func refusesUnsortedAndDuplicateInputs() throws {
        let value = try JSON(parsing: try Samples.rich().canonicalBytes())
        let inputs = try #require(value["inputs"]?.array)
        for items in [Array(inputs.reversed()), inputs + [inputs[1]], [inputs[0], inputs[0], inputs[1]]] {
            var members = try #require(value.members)
            members["inputs"] = .array(items)
            let bytes = JSON.object(members).canonicalBytes()
            #expect(throws: Malformed.self) { try BuildManifest(parsing: bytes) }
        }
    }

    @Test func refusesTextsThatAreNoJSONObject() {
        let bottomless = String(repeating: "[", count: 200_000)
        for text in ["", "[]", "null", "\"purser\"", "\u{FEFF}{}", bottomless, "{\"purser\":1}garbage"] {
            #expect(refusal(of: text) != nil)
        }
    }

    @Test func refusesEveryTruncation() throws {
        let good = try Samples.rich().canonicalBytes()
        for length in 0..<good.count {
            #expect(throws: Malformed.self) { try BuildManifest(parsing: Array(good[..<length])) }
        }
    }

    @Test func aFlippedByteIsRefusedOrAnotherManifest() throws {
        let manifest = try Samples.rich()
        let good = manifest.canonicalBytes()
        for place in good.indices {
            for bit in [0, 5] {
                var bad = good
                bad[place] ^= 1 << UInt8(bit)
                guard let read = try? BuildManifest(parsing: bad) else { continue }
                #expect(read.canonicalBytes() == bad)
            }
        }
    }

    @Test func refusesMoreBytesThanItWasToldToRead() throws {
        let good = try Samples.rich().canonicalBytes()
        #expect(throws: Malformed.self) { try BuildManifest(parsing: good, maximumBytes: good.count - 1) }
    }
}

extension String {
    /// The text with one range exchanged.
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
