import JSONText
import Testing

@Suite struct JSONEditTests {
    private func edited(_ text: String, _ change: (inout JSONEdit, JSONNode) -> Void) throws -> String {
        let document = try JSONDocument(Array(text.utf8))
        var edit = JSONEdit(document)
        change(&edit, document.root)
        return String(decoding: edit.bytes(), as: UTF8.self)
    }

    @Test(arguments: [
        (["a"], #"{ "b" : [2] ,"c":{"d":1}  }"#), (["b"], #"{ "a":1 ,"c":{"d":1}  }"#),
        (["c"], #"{ "a":1 , "b" : [2]  }"#), (["a", "b"], #"{ "c":{"d":1}  }"#), (["b", "c"], #"{ "a":1  }"#),
        (["a", "c"], #"{ "b" : [2]  }"#), (["a", "b", "c"], "{   }"), ([], #"{ "a":1 , "b" : [2] ,"c":{"d":1}  }"#),
    ])
    func removesMembersWithTheirComma(keys: [String], expected: String) throws {
        let result = try edited(#"{ "a":1 , "b" : [2] ,"c":{"d":1}  }"#) { edit, root in
            for member in root.members where keys.contains(member.key) { edit.remove(member) }
        }
        #expect(result == expected)
    }

    @Test func removesElements() throws {
        let result = try edited("[1, [2, 3], {\"x\": []}, 4]") { edit, root in
            for element in root.elements where element.kind != .number { edit.remove(element) }
        }
        #expect(result == "[1, 4]")
    }

    @Test func replacesAndInsertsLeavingAllElseAlone() throws {
        let text = "\n{\"dist-tags\": {\"latest\":\"2\"},  \"empty\": { }, \"n\": 1.50}\n"
        let result = try edited(text) { edit, root in
            if let tags = root["dist-tags"] {
                tags["latest"].map { edit.replace($0, with: "1") }
                edit.insert(key: "next", value: "3", into: tags)
                edit.insert(key: "next", value: "4", into: tags)
            }
            root["empty"].map { edit.insert(key: "é\n", value: [1], into: $0) }
            edit.insert(key: "n", value: 2, into: root)
        }
        #expect(
            result == "\n{\"dist-tags\": {\"latest\":\"1\",\"next\":\"4\"},  \"empty\": {\"é\\n\":[1] }, \"n\": 2}\n"
        )
    }

    @Test func insertsAfterTheLastMemberThatStays() throws {
        let text = #"{"a":1,"b":2}"#
        let all = try edited(text) { edit, root in
            for member in root.members { edit.remove(member) }
            edit.insert(key: "c", value: 3, into: root)
        }
        #expect(all == #"{"c":3}"#)
        let last = try edited(text) { edit, root in
            root["b"].map { edit.remove($0) }
            edit.insert(key: "c", value: 3, into: root)
        }
        #expect(last == #"{"a":1,"c":3}"#)
        let again = try edited(text) { edit, root in
            root["b"].map { edit.remove($0) }
            edit.insert(key: "b", value: 3, into: root)
        }
        #expect(again == #"{"a":1,"b":3}"#)
    }

    @Test func changesInsideWhatIsRemovedAreDropped() throws {
        let result = try edited(#"[{"a":{"b":1}},{"c":2}]"#) { edit, root in
            for element in root.elements {
                for member in element.members {
                    edit.replace(member.node, with: .null)
                    edit.insert(key: "z", value: 1, into: member.node)
                    edit.insert(key: "z", value: 1, into: element)
                }
                if element["a"] != nil {
                    edit.replace(element, with: 7)
                    edit.remove(element)
                }
            }
        }
        #expect(result == #"[{"c":null,"z":1}]"#)
    }

    @Test func randomRemovalsEqualRemovalsOnValues() throws {
        var random = Noise(seed: 11)
        for _ in 0..<400 {
            let value = Self.randomValue(&random, depth: 4)
            let bytes = Bool.random(using: &random) ? value.prettyBytes() : value.canonicalBytes()
            let document = try JSONDocument(bytes)
            #expect(document.root.value == value)
            var edit = JSONEdit(document)
            let expected = Self.thin(document.root, &edit, &random)
            #expect(try JSON(parsing: edit.bytes()) == expected)
        }
    }

    /// Removes items at random from a node and returns what must be left.
    private static func thin(_ node: JSONNode, _ edit: inout JSONEdit, _ random: inout Noise) -> JSON {
        switch node.kind {
        case .object:
            var left: [String: JSON] = [:]
            for member in node.members {
                let kept = thin(member.node, &edit, &random)
                if Int.random(in: 0..<3, using: &random) == 0 { edit.remove(member) } else { left[member.key] = kept }
            }
            return .object(left)
        case .array:
            var left: [JSON] = []
            for element in node.elements {
                let kept = thin(element, &edit, &random)
                if Int.random(in: 0..<3, using: &random) == 0 { edit.remove(element) } else { left.append(kept) }
            }
            return .array(left)
        default: return node.value
        }
    }

    private static func randomValue(_ random: inout Noise, depth: Int) -> JSON {
        switch Int.random(in: depth > 0 ? 0..<10 : 0..<5, using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: return .real(Double(Int.random(in: 1...999, using: &random)) + 0.25)
        case 4: return .string(#"k"\,{}[]é"# + String(Int.random(in: 0..<99, using: &random)))
        case 5...6:
            return .array(
                (0..<Int.random(in: 0..<6, using: &random)).map { _ in randomValue(&random, depth: depth - 1) }
            )
        default:
            var members: [String: JSON] = [:]
            for index in 0..<Int.random(in: 0..<16, using: &random) {
                members[index % 3 == 0 ? "\"\(index)]" : "key\(index)"] = randomValue(&random, depth: depth - 1)
            }
            return .object(members)
        }
    }
}
