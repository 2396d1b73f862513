internal import Core
internal import Kernel

/// The text of a policy file.
struct PolicyText: Sendable {
    let path: String
    let text: String

    /// The file now holds something else, or is gone.
    var isChanged: Bool {
        guard let now = try? Files.readAll(path, limit: 1 << 20) else { return true }
        return !PolicyText.unmarked(now).elementsEqual(text.utf8)
    }

    /// Without the byte order mark that some editors put in front of UTF-8.
    private static func unmarked(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    }

    /// Nil where the file is absent and may be.
    static func read(_ path: String, isRequired: Bool) throws(Problem) -> PolicyText? {
        do {
            let bytes = try Files.readAll(path, limit: 1 << 20)
            guard let text = String(validating: unmarked(bytes), as: UTF8.self) else {
                throw unreadable(path, "is not UTF-8 text")
            }
            return PolicyText(path: path, text: text)
        } catch let error as SystemError {
            // A link that leads nowhere was meant to be a policy.
            if error.isMissing, !isRequired, (try? Files.stat(path)) == nil { return nil }
            throw unreadable(path, "could not be read (\(error))")
        } catch {
            throw error as? Problem ?? unreadable(path, "\(error)")
        }
    }

    private static func unreadable(_ path: String, _ summary: String) -> Problem {
        Problem(
            .configUnreadable,
            subject: path,
            summary: summary,
            remedy: "Check the name and the permissions; without a readable policy nothing is started."
        )
    }
}
