import JSONText
import Testing

@Suite struct JSONFieldsTests {
    private struct Pair: Equatable {
        let name: String
        let count: Int64?

        static func read(_ field: JSONField) throws(JSONFieldError) -> Pair {
            try field.object { fields throws(JSONFieldError) in
                Pair(name: try fields.required("name").string(), count: try fields.optional("count")?.count())
            }
        }
    }

    private func refusal(of value: JSON) -> String? {
        do {
            _ = try JSONField(value, path: "top").list(Pair.read)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func readsWhatIsThere() throws {
        let pairs = try JSONField([["name": "a", "count": 3], ["name": "b"]]).list(Pair.read)
        #expect(pairs == [Pair(name: "a", count: 3), Pair(name: "b", count: nil)])
    }

    @Test func namesTheWayToWhatItRefuses() {
        #expect(refusal(of: [["name": "a"], ["name": 1]]) == "top[1].name is not a string")
        #expect(refusal(of: [["count": 1]]) == "top[0] has no 'name'")
        #expect(refusal(of: [["name": "a", "x": 1]]) == "top[0] has an unknown key 'x'")
        #expect(refusal(of: [["name": "a", "count": -1]])?.contains("top[0].count is not a whole number") == true)
        #expect(refusal(of: [:]) == "top is not a list")
    }

    @Test func takesNullForNoAbsentValue() {
        #expect(refusal(of: [["name": "a", "count": .null]]) != nil)
    }

    @Test func leavesNilMembersOut() {
        #expect(JSON.object(present: ["a": 1, "b": nil]) == ["a": 1])
    }
}
