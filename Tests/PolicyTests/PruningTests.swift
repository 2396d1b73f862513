import Core
import Policy
import Testing

@Suite struct PruningTests {
    private func pruned(_ yaml: String, _ purls: String...) throws -> String {
        try PolicyFile.pruned(yaml, name: "purser.yml") { purls.contains($0.purl) }.text
    }

    private let block = """
        version: 1 # ours
        # What is exempt, and why.
        exempt: # see the wiki
          # Reviewed every month.
          - { purl: "pkg:npm/a", rule: min_age, reason: "one # not a comment", until: 2030-01-01 } # a's

          # The vendor has no digests.
          - purl: pkg:npm/b
            rule: unclaimed
            reason: |
              two
              lines
            until: 2030-01-01

          # Hotfix.
          # Ask Ann.
          - {purl: pkg:npm/c, rule: min_age, reason: three, until: 2030-01-01}
        mode: enforce

        """

    @Test func keepsCommentsAndOrderOfEverythingElse() throws {
        #expect(
            try pruned(block, "pkg:npm/b") == """
                version: 1 # ours
                # What is exempt, and why.
                exempt: # see the wiki
                  # Reviewed every month.
                  - { purl: "pkg:npm/a", rule: min_age, reason: "one # not a comment", until: 2030-01-01 } # a's


                  # Hotfix.
                  # Ask Ann.
                  - {purl: pkg:npm/c, rule: min_age, reason: three, until: 2030-01-01}
                mode: enforce

                """
        )
        let first = try pruned(block, "pkg:npm/a", "pkg:npm/c")
        #expect(first.contains("# Reviewed every month."))
        #expect(first.contains("# The vendor has no digests.\n  - purl: pkg:npm/b\n"))
        #expect(!first.contains("Ask Ann"))
    }

    @Test func leavesAnEmptyListWhereNothingIsLeft() throws {
        let text = try pruned(block, "pkg:npm/a", "pkg:npm/b", "pkg:npm/c")
        #expect(text.contains("exempt: [] # see the wiki\n"))
        #expect(text.hasSuffix("mode: enforce\n"))
    }

    @Test(arguments: [
        (["a"], "[{ purl: \"pkg:npm/b\", rule: min_age, reason: \"]}\", until: 2030-01-01 },\n  { purl: \"pkg:npm/c\""),
        (["c"], "reason: \"]}\", until: 2030-01-01 }]"),
        (["a", "c"], "[{ purl: \"pkg:npm/b\", rule: min_age, reason: \"]}\", until: 2030-01-01 }]"),
        (["a", "b", "c"], "exempt: []"),
    ])
    func cutsEntriesOutOfBrackets(_ names: [String], _ left: String) throws {
        let entries = [("a", "'it''s, {'"), ("b", "\"]}\""), ("c", "\"\\\"\"")].map {
            "{ purl: \"pkg:npm/\($0.0)\", rule: min_age, reason: \($0.1), until: 2030-01-01 }"
        }
        let yaml = "version: 1\nexempt: [\(entries[0]), \(entries[1]),\n  \(entries[2])]\nmode: enforce\n"
        let text = try PolicyFile.pruned(yaml, name: "purser.yml") { exemption in
            names.contains { exemption.purl == "pkg:npm/\($0)" }
        }.text
        #expect(text.contains(left), "\(text)")
        #expect(text.hasSuffix("\nmode: enforce\n"))
    }

    @Test func leavesTheTextAloneWhereNothingGoes() throws {
        #expect(try pruned(block, "pkg:npm/z") == block)
    }

    /// Whatever the layout, what is left is what should be left, or the file is refused.
    @Test func neverDamagesAFile() {
        let layouts = [
            "version: 1\nexempt:\n- purl: pkg:npm/a\n  rule: min_age\n  reason: x\n  until: 2030-01-01\n- purl: pkg:npm/b\n  rule: min_age\n  reason: y\n  until: 2030-01-01\nmode: audit",
            "version: 1\nexempt:\n  -\n    purl: pkg:npm/a\n    rule: min_age\n    reason: x\n    until: 2030-01-01\n  - purl: pkg:npm/b\n    rule: min_age\n    reason: >-\n      y\n      # z\n    until: 2030-01-01",
            "{version: 1, exempt: [{purl: pkg:npm/a, rule: min_age, reason: x, until: 2030-01-01}, {purl: pkg:npm/b, rule: min_age, reason: y, until: 2030-01-01}]}",
            "version: 1\r\nexempt:\r\n  - {purl: pkg:npm/a, rule: min_age, reason: x, until: 2030-01-01}\r\n  - {purl: pkg:npm/b, rule: min_age, reason: y, until: 2030-01-01}\r\n",
        ]
        for layout in layouts {
            for name in ["pkg:npm/a", "pkg:npm/b"] {
                do throws(Problem) {
                    let text = try PolicyFile.pruned(layout, name: "purser.yml") { $0.purl == name }.text
                    let left = try PolicyFile.parse(text, name: "purser.yml").listedExemptions.map(\.purl)
                    #expect(left == ["pkg:npm/a", "pkg:npm/b"].filter { $0 != name })
                } catch {
                    #expect(error.remedy.contains("by hand"))
                }
            }
        }
    }
}
