import Core
import Testing

@testable import Session

@Suite("Options")
struct OptionsTests {
    private let file = [FileSetting(key: "report", values: ["file.json"], place: "purser.yml line 3")]

    @Test func theFlagWinsOverVariableFileAndDefault() throws {
        let environment = ["PURSER_REPORT": "variable.json"]
        let all = try Options.resolve(flags: ["report": ["flag.json"]], environment: environment, file: file)
        #expect(all.text("report") == "flag.json")
        #expect(all.source("report") == .flag)
        let two = try Options.resolve(flags: [:], environment: environment, file: file)
        #expect(two.text("report") == "variable.json")
        #expect(two.source("report") == .environment("PURSER_REPORT"))
        let one = try Options.resolve(flags: [:], environment: [:], file: file)
        #expect(one.text("report") == "file.json")
        #expect(one.source("report") == .file("purser.yml line 3"))
        let none = try Options.resolve(flags: [:], environment: [:], file: [])
        #expect(none.text("report") == "purser-run.json")
        #expect(none.source("report") == .fallback)
    }

    @Test func anEmptyVariableIsAsGoodAsNone() throws {
        let options = try Options.resolve(flags: [:], environment: ["PURSER_REPORT": ""], file: file)
        #expect(options.text("report") == "file.json")
    }

    @Test(arguments: ["", " ", "\n"]) func anEmptyTokenIsAsGoodAsNone(_ text: String) throws {
        let options = try Options.resolve(flags: [:], environment: [:], file: [])
        #expect(try options.token(["PURSER_TOKEN": text]) == nil)
        #expect(try options.token(["PURSER_TOKEN": "psr_x\n", "PURSER_TOKEN_FILE": ""])?.reveal() == "psr_x")
        let scratch = try Scratch()
        try scratch.write("token", text)
        let found = problem { _ = try options.token(["PURSER_TOKEN_FILE": scratch.path("token")]) }
        #expect(found?.summary.contains("holds no token") == true)
    }

    /// A mask for nothing would stand between any two letters.
    @Test(arguments: ["", "a", "abcde"]) func whatIsTooShortForASecretIsNotLookedFor(_ secret: String) {
        var console = Console()
        console.secrets = [Secret(secret), Secret("long enough")]
        #expect(console.scrubbed("abcde is long enough here") == "abcde is *** here")
    }

    @Test func aListInAVariableStandsOneALine() throws {
        let options = try Options.resolve(flags: [:], environment: ["PURSER_ARTIFACT": "a/*\nb/*\n"], file: [])
        #expect(options.list("artifact") == ["a/*", "b/*"])
    }

    @Test func anUnknownKeyNamesLineAndNearestSpelling() {
        let found = problem {
            _ = try Options.resolve(
                flags: [:],
                environment: [:],
                file: [FileSetting(key: "artefact", values: ["x"], place: "purser.yml line 7")]
            )
        }
        #expect(found?.code == .usageInvalid)
        #expect(found?.subject == "purser.yml line 7, agent.artefact")
        #expect(found?.remedy == "Did you mean 'artifact'?")
    }

    @Test(arguments: [("yes", true), ("1", true), ("ON", true), ("no", false), ("0", false), ("false", false)])
    func aSwitchKnowsTheUsualWords(_ word: String, _ value: Bool) throws {
        let options = try Options.resolve(flags: ["push": [word]], environment: [:], file: [])
        #expect(try options.flag("push") == value)
    }

    @Test func aSwitchRefusesOtherWords() throws {
        let options = try Options.resolve(flags: ["push": ["perhaps"]], environment: [:], file: [])
        #expect(problem { _ = try options.flag("push") }?.code == .usageInvalid)
    }

    @Test func everyOptionHasAMeaningAndAVariable() {
        for kind in Options.kinds {
            #expect(!kind.meaning.isEmpty)
            #expect(kind.variable.map { $0.hasPrefix("PURSER_") && !$0.contains("-") } ?? (kind.name == "signing-key"))
        }
    }
}
