/// The texts that `sudo` inside a job needs: the script that stands before the real one, and the one that root runs.
enum SudoScript {
    /// What the stand-in is told.
    struct Facts: Sendable {
        /// The real program.
        let real: String
        let keeping: Sudo.Keeping
        /// Names of the variables to keep.
        let names: [String]
        /// A file that sets them, for a sudo that keeps none.
        let settings: String
        /// Where a call is noted whose traffic we will not see.
        let notes: String
        /// apt's settings for root; nil to leave the job's own.
        let aptConfiguration: String?
    }

    /// Calls the real sudo as it was called, and has it keep our variables. Their values never stand in an argument:
    /// everybody on the machine may read those.
    static func standIn(_ facts: Facts) -> String {
        let head = [
            "#!/bin/sh",
            "# sudo within a session of Purser: the real one, with the session's variables kept.",
            "real=\(quoted(facts.real))",
            "keeping=\(facts.keeping.rawValue)",
            "names=\(quoted(facts.names.joined(separator: ",")))",
            "settings=\(quoted(facts.settings))",
            "notes=\(quoted(facts.notes))",
        ]
        let apt = facts.aptConfiguration.map { ["APT_CONFIG=\(quoted($0)); export APT_CONFIG"] } ?? []
        return (head + [options] + apt + [call, ""]).joined(separator: "\n")
    }

    /// Says why the real one cannot work.
    static let fenced = """
        #!/bin/sh
        echo "sudo: nobody becomes root inside purser's fence; use --isolation seal, where sudo can, or run the job as root" >&2
        exit 1

        """

    /// In quotes for a shell.
    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    /// Lines that set the variables, for the shell that is put between a sudo and its command.
    static func assignments(_ variables: [String: String]) -> String {
        variables.sorted { $0.key < $1.key }.map { "export \($0.key)=\(quoted($0.value))\n" }.joined()
    }

    /// Finds out where the options end, for whom the command is to run, and calls that run none, which are passed on.
    private static let options = #"""
        plain() { exec "$real" "$@"; }
        count=0 skip='' user='' quiet='' never='' shell='' ended=''
        for word in "$@"; do
            if [ -n "$skip" ]; then
                if [ "$skip" = user ]; then user=$word; fi
                skip='' count=$((count + 1))
                continue
            fi
            case $word in
            --) ended=1 count=$((count + 1)); break ;;
            --edit | --list | --validate | --version | --help | --remove-timestamp) plain "$@" ;;
            --user) skip=user ;;
            --user=*) user=${word#*=} ;;
            --login | --shell) shell=1 ;;
            --non-interactive) never=1 ;;
            --stdin | --reset-timestamp) quiet=1 ;;
            --close-from | --chdir | --group | --host | --prompt | --chroot | --role | --type) skip=1 ;;
            --command-timeout | --other-user) skip=1 ;;
            --*) ;;
            -?*)
                rest=${word#-}
                while [ -n "$rest" ]; do
                    tail=${rest#?}
                    case ${rest%"$tail"} in
                    e | l | v | V | K) plain "$@" ;;
                    u) if [ -n "$tail" ]; then user=$tail; else skip=user; fi; tail='' ;;
                    h) if [ $# -eq 1 ]; then plain "$@"; fi; if [ -z "$tail" ]; then skip=1; fi; tail='' ;;
                    C | D | g | p | R | r | T | t | U) if [ -z "$tail" ]; then skip=1; fi; tail='' ;;
                    i | s) shell=1 ;;
                    n) never=1 ;;
                    S | k) quiet=1 ;;
                    esac
                    rest=$tail
                done ;;
            *) break ;;
            esac
            count=$((count + 1))
        done
        if [ "$count" -ge $# ] && [ -z "$shell" ]; then plain "$@"; fi
        note() { echo "$1" 2>/dev/null >>"$notes"; }
        """#

    /// `preserve`: sudo keeps what it is told. `inside`: a shell behind it sets the variables. `ask`: nobody could say
    /// beforehand, so that sudo is asked with a command that does nothing; it may want a password for that.
    private static let call = #"""
        if [ "$keeping" = ask ]; then
            trial=-n
            if [ -z "$never" ] && [ -t 0 ]; then trial=-H; fi
            if [ -n "$quiet" ]; then
                keeping=preserve
            elif "$real" "--preserve-env=$names" "$trial" ${user:+"--user=$user"} -- true </dev/null 2>/dev/null; then
                keeping=preserve
            fi
        fi
        if [ "$keeping" = preserve ]; then exec "$real" "--preserve-env=$names" "$@"; fi
        case $user in '' | root | '#0') ;; *) keeping=ask ;; esac
        if [ "$keeping" = ask ] || [ "$count" -ge $# ]; then
            note 'a call of sudo keeps no variables'
            plain "$@"
        fi
        index=0 total=$#
        while [ "$index" -lt "$total" ]; do
            if [ "$index" -eq "$count" ]; then
                if [ -z "$ended" ]; then set -- "$@" --; fi
                set -- "$@" /bin/sh -c '. "$0" && exec env "$@"' "$settings"
            fi
            word=$1
            shift
            set -- "$@" "$word"
            index=$((index + 1))
        done
        exec "$real" "$@"
        """#

    /// Run by root at the start: apt's settings and the certificates where root's programs look for them, until the
    /// standard input ends, which it does however the session ends.
    static let placing = #"""
        trap '' HUP INT TERM
        keeping=inside
        if [ -n "$PURSER_SESSION" ]; then keeping=preserve; fi
        target=$1 certificates=$2 source=$3 bundle=$4 group=$5
        shift 5
        rm -f -- "$@"
        placed=
        if [ -n "$source" ] && [ -d "${target%/*}" ]; then
            if install -m 0644 -- "$bundle" "$certificates" && install -m 0640 -g "$group" -- "$source" "$target"; then
                placed=placed
            else
                rm -f -- "$target" "$certificates"
            fi
        fi
        exec 3<&0
        if [ -n "$placed" ]; then
            (cat >/dev/null; rm -f -- "$target" "$certificates") <&3 >/dev/null 2>&1 &
        fi
        echo "$keeping $placed"
        """#
}
