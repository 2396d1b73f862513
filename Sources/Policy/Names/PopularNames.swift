/// Names that are worth imitating, a list for each ecosystem. Small on purpose: a policy adds its own by `names:`.
enum PopularNames {
    /// The names with the most downloads a month by npm's own count, November 2026, and some that are imitated often.
    static let npm = """
        semver ansi-styles debug minimatch strip-ansi chalk supports-color string-width ansi-regex ms lru-cache
        brace-expansion tslib emoji-regex wrap-ansi type-fest commander glob color-name color-convert source-map
        @types/node has-flag readable-stream picomatch ajv safe-buffer escape-string-regexp uuid yallist signal-exit
        react-is is-fullwidth-code-point which p-limit json-schema-traverse find-up locate-path p-locate mime-db
        eslint-visitor-keys telecom-mas-agent minipass glob-parent iconv-lite string_decoder js-yaml isarray
        mime-types @babel/types @babel/code-frame globals path-key yargs-parser ws resolve get-stream argparse
        @babel/parser yargs pretty-format ignore undici-types acorn isexe cross-spawn postcss balanced-match
        resolve-from @rollup/rollup-linux-x64-musl fs-extra camelcase cliui @jridgewell/trace-mapping punycode
        @babel/helper-validator-identifier @babel/generator is-stream entities agent-base estraverse
        strip-json-comments shebang-regex shebang-command json5 @babel/traverse webidl-conversions path-exists
        path-to-regexp whatwg-url https-proxy-agent onetime @babel/core form-data tr46 @babel/template execa
        typescript eslint-scope inherits convert-source-map rimraf negotiator qs get-intrinsic
        @babel/helper-module-imports @babel/runtime statuses universalify fast-deep-equal minimist picocolors
        @babel/helper-module-transforms chokidar @babel/compat-data @babel/helpers has-symbols @jest/types esbuild
        @typescript-eslint/types @babel/helper-compilation-targets function-bind caniuse-lite npm-run-path js-tokens
        graceful-fs @babel/helper-string-parser is-number bytes @jridgewell/sourcemap-codec readdirp @types/estree
        mimic-fn slash @typescript-eslint/typescript-estree y18n browserslist electron-to-chromium kind-of
        @typescript-eslint/visitor-keys yaml buffer cookie jsesc lodash braces fill-range @babel/helper-plugin-utils
        hasown ini node-fetch escalade @jridgewell/gen-mapping human-signals mkdirp gopd http-errors micromatch
        @typescript-eslint/scope-manager strip-bom es-object-atoms concat-map make-dir is-glob es-define-property
        nanoid @smithy/util-utf8 es-errors to-regex-range @babel/helper-validator-option call-bind-apply-helpers
        schema-utils @esbuild/linux-x64 update-browserslist-db path-scurry yocto-queue node-releases ci-info
        dunder-proto math-intrinsics mime get-proto @jridgewell/resolve-uri has-tostringtag uri-js magic-string
        object-inspect fast-glob dotenv pify zod @aws-sdk/types @typescript-eslint/utils @smithy/util-buffer-from
        http-proxy-agent is-extglob strip-final-newline parse-json espree once source-map-support content-disposition
        jest-util es-set-tostringtag is-wsl wrappy @sinclair/typebox safer-buffer normalize-path side-channel
        is-core-module eslint cosmiconfig util-deprecate axios jsonfile @img/sharp-linuxmusl-x64 ansi-escapes
        @img/sharp-libvips-linuxmusl-x64 encodeurl jest-worker @smithy/is-array-buffer depd jackspeak scheduler
        doctrine @smithy/types postcss-selector-parser lightningcss-linux-x64-musl flat-cache @types/yargs
        @unrs/resolver-binding-linux-x64-musl callsites react delayed-stream @opentelemetry/core is-arrayish
        @typescript-eslint/parser asynckit require-from-string combined-stream file-entry-cache source-map-js
        is-docker @jest/schemas object-assign eastasianwidth parse5 arg @tailwindcss/oxide-linux-x64-musl
        estree-walker fastq send get-caller-file finalhandler esprima import-fresh path-parse raw-body range-parser
        @types/json-schema optionator anymatch esutils type-check restore-cursor call-bound diff csstype
        write-file-atomic @types/react setprototypeof path-type keyv supports-preserve-symlinks-flag async
        foreground-child on-finished levn prelude-ls vary fast-json-stable-stringify globby cli-cursor
        @typescript-eslint/eslint-plugin slice-ansi base64-js rxjs react-dom @nodelib/fs.stat merge-stream
        eventemitter3 detect-libc serve-static lines-and-columns require-directory @typescript-eslint/type-utils
        rollup reusify tough-cookie sprintf-js @babel/helper-globals body-parser follow-redirects jiti imurmurhash
        hosted-git-info json-parse-even-better-errors open is-plain-obj parent-module flatted @isaacs/cliui call-bind
        core-util-is @nodelib/fs.walk @nodelib/fs.scandir esquery @eslint/eslintrc fast-levenshtein gensync type-is
        ieee754 accepts @eslint/js prettier @radix-ui/react-slot side-channel-weakmap side-channel-map
        side-channel-list istanbul-lib-instrument aria-query media-typer chownr ipaddr.js run-parallel
        which-typed-array express baseline-browser-mapping cookie-signature pkg-dir esrecurse fdir queue-microtask
        fresh natural-compare tapable deep-is enhanced-resolve proxy-from-env jest-message-util acorn-jsx
        indent-string merge2 retry acorn-walk json-buffer ts-api-utils binary-extensions ajv-keywords log-symbols
        fs.realpath inflight path-is-absolute is-regex lodash.merge @eslint-community/eslint-utils domutils p-try
        @opentelemetry/semantic-conventions es-abstract merge-descriptors buffer-from tinyglobby
        has-property-descriptors jest-diff @aws-sdk/util-endpoints is-callable domhandler is-unicode-supported
        dom-serializer p-map is-binary-path toidentifier package-json-from-dist define-data-property
        @eslint-community/regexpp set-function-length tsconfig-paths word-wrap ajv-formats
        json-stable-stringify-without-jsonify for-each define-properties is-typed-array error-ex vite object.assign
        @pkgjs/parseargs end-of-stream @humanwhocodes/module-importer extend-shallow postcss-value-parser
        available-typed-arrays object-keys @humanwhocodes/retry safe-regex-test whatwg-mimetype
        @radix-ui/react-primitive fast-xml-parser jest-regex-util @babel/plugin-syntax-jsx define-property escape-html
        pump @jridgewell/remapping @opentelemetry/resources mdn-data @rollup/rollup-linux-x64-gnu tar vue next webpack
        jest mocha jquery moment request electron cross-env socket.io mongoose sequelize passport redux nodemon
        puppeteer playwright discord.js web3 ethers colors event-stream
        """

    /// The names with the most downloads by PyPI's own count, November 2026, and some that are imitated often.
    static let pypi = """
        boto3 packaging urllib3 certifi idna requests typing-extensions charset-normalizer setuptools botocore
        cryptography aiobotocore python-dateutil six pyyaml pydantic pygments cffi click numpy pluggy pycparser
        pydantic-core grpcio-status anyio s3transfer attrs protobuf h11 pytest annotated-types iniconfig fsspec httpx
        httpcore typing-inspection pandas pip s3fs markupsafe platformdirs python-dotenv pathspec pyjwt jinja2 rich
        jmespath markdown-it-py aiohttp filelock importlib-metadata yarl starlette multidict jsonschema zipp uvicorn
        propcache wheel mdurl pyasn1 pytz google-auth googleapis-common-protos frozenlist litellm fastapi rpds-py tqdm
        annotated-doc aiosignal referencing jsonschema-specifications trove-classifiers tzdata google-api-core
        aiohappyeyeballs pillow virtualenv greenlet colorama pyasn1-modules typer grpcio opentelemetry-sdk tenacity
        wrapt requests-oauthlib opentelemetry-api pyarrow awscli websockets opentelemetry-semantic-conventions
        python-multipart scipy sniffio pydantic-settings sqlalchemy pyparsing shellingham tomli lxml beautifulsoup4
        oauthlib soupsieve psutil regex cachetools textual sglang openai exceptiongroup hatchling opentelemetry-proto
        more-itertools requests-toolbelt watchfiles rsa tomlkit proto-plus distro distlib jiter mcp websocket-client
        mypy-extensions opentelemetry-exporter-otlp-proto-http langchain openpyxl et-xmlfile sse-starlette wcwidth
        editables coverage docutils huggingface-hub grpcio-tools pydantic-ai-slim dnspython werkzeug networkx
        google-cloud-storage redis gitpython google-genai msgpack psycopg2-binary pyopenssl ptyprocess decorator
        python-discovery opentelemetry-exporter-otlp-proto-grpc opentelemetry-exporter-otlp-proto-common smmap pexpect
        opentelemetry-instrumentation ruff docker pynacl sortedcontainers keyring docstring-parser uvloop httptools
        fonttools multiprocess tabulate gitdb matplotlib isodate async-timeout httpx-sse prompt-toolkit jaraco-classes
        azure-core secretstorage jeepney azure-identity scikit-learn itsdangerous flask google-cloud-core hf-xet
        bcrypt jaraco-functools kiwisolver jaraco-context dill joblib pytest-cov pytest-asyncio contourpy alembic
        orjson email-validator deprecated msal google-resumable-media google-crc32c chardet ruamel-yaml defusedxml
        threadpoolctl tokenizers blinker snowflake-connector-python kubernetes tiktoken pytest-json-ctrf mako cycler
        tzlocal toml mypy google-api-python-client sympy jsonpointer poetry-core nodeenv databricks-sql-connector
        pydantic-graph xxhash pyproject-hooks uv zstandard ipython google-cloud-aiplatform uritemplate
        opentelemetry-exporter-otlp prometheus-client google-auth-oauthlib asn1crypto google-auth-httplib2 rapidfuzz
        google-cloud-bigquery build traitlets opentelemetry-instrumentation-requests opentelemetry-util-http
        google-cloud-secret-manager paramiko httplib2 types-requests ydb identify transformers pre-commit cfgv jedi
        aiofiles google-cloud-batch parso backoff executing weaviate-client h2 marshmallow hyperframe fastjsonschema
        hpack matplotlib-inline sqlparse mpmath durationpy msal-extensions jsonpatch asttokens setuptools-scm
        azure-storage-blob google-analytics-admin gunicorn anthropic babel cloudpickle authlib grpc-google-iam-v1
        pure-eval stack-data black datasets sentry-sdk google-cloud-compute google-cloud-kms pytest-xdist
        langchain-core asgiref tornado gcsfs xmltodict webencodings cython nest-asyncio execnet databricks-sdk
        dbt-core librt termcolor python-json-logger pyee pandas-stubs py4j markdown google-cloud-dlp playwright pyzmq
        cachecontrol importlib-resources joserfc google-cloud-speech vcs-versioning pymongo watchdog debugpy
        google-cloud-pubsub tree-sitter google-cloud-texttospeech typing-inspect llama-parse dbt-adapters
        llama-cloud-services aioitertools rich-toolkit isort structlog pycryptodome tinycss2 pytest-mock slack-sdk
        asyncpg torch mdit-py-plugins pymysql google-cloud-tasks dulwich langsmith lz4 jupyter-core jsonschema-path
        google-cloud-monitoring flatbuffers narwhals msrest ruamel-yaml-clib pkginfo grpcio-health-checking installer
        google-cloud-bigtable cyclopts google-cloud-logging mccabe jupyter-client pyperclip dataclasses-json
        awswrangler linkify-it-py semver xlsxwriter dbt-common sphinx deepdiff invoke loguru google-cloud-vision
        ipykernel cfn-lint uc-micro-py pymupdf psycopg pytokens pygithub pathable python-slugify comm
        rfc3339-validator poetry text-unidecode arrow sqlalchemy-bigquery brotli google-cloud-language pycodestyle
        google-cloud-videointelligence snowflake-sqlalchemy cattrs rich-rst google-cloud-workflows jsonref
        google-cloud-redis snowflake-snowpark-python google-cloud-dataform google-cloud-os-login crashtest safetensors
        backports-tarfile mistune beartype types-pyyaml onnxruntime types-protobuf deprecation pendulum lark croniter
        argcomplete poetry-plugin-export requests-file tomli-w ujson typeguard psycopg-binary jsonpath-ng shapely cleo
        nbformat langchain-openai datadog opentelemetry-instrumentation-threading bleach fastmcp griffelib django
        tensorflow selenium celery discord.py
        """

    /// Chosen by hand among the crates that most others depend on.
    static let cargo = """
        serde serde_json serde_derive syn quote proc-macro2 libc rand rand_core cfg-if bitflags log itoa memchr
        hashbrown regex regex-syntax aho-corasick once_cell lazy_static tokio tokio-util futures futures-util anyhow
        thiserror clap clap_derive base64 hyper reqwest indexmap num-traits autocfg semver smallvec parking_lot time
        chrono url percent-encoding bytes tracing tracing-core async-trait rayon crossbeam crossbeam-utils itertools
        uuid sha2 digest generic-array typenum getrandom ryu either toml heck rustls ring openssl openssl-sys
        native-tls http axum tower actix-web diesel sqlx tempfile walkdir env_logger nom byteorder strsim unicode-xid
        winapi windows-sys wasm-bindgen bindgen cc rustix nix mio socket2 flate2 zip criterion
        """

    /// Chosen by hand among the gems that most others depend on.
    static let gem = """
        rails railties activesupport activerecord actionpack actionview activemodel actionmailer activejob rack
        rack-test rake bundler minitest rspec rspec-core rspec-expectations rspec-mocks thor i18n tzinfo nokogiri json
        multi_json mime-types mime-types-data mini_portile2 builder erubi concurrent-ruby loofah rails-html-sanitizer
        rails-dom-testing crass sprockets sprockets-rails puma unicorn sidekiq redis resque devise warden bcrypt jwt
        oauth2 faraday httparty rest-client addressable public_suffix aws-sdk aws-sdk-core aws-sdk-s3 aws-partitions
        aws-sigv4 jmespath diff-lcs rubocop rubocop-ast parser rainbow capybara selenium-webdriver ffi childprocess pg
        mysql2 sqlite3 sass coffee-script uglifier turbolinks bootsnap msgpack listen websocket-driver
        websocket-extensions nio4r zeitwerk pry byebug factory_bot faker simplecov dotenv kaminari carrierwave
        cocoapods fastlane jekyll liquid kramdown sinatra tilt
        """

    /// Chosen by hand among the packages that most others depend on.
    static let composer = """
        symfony/console symfony/http-foundation symfony/http-kernel symfony/event-dispatcher symfony/polyfill-mbstring
        symfony/process symfony/finder symfony/yaml symfony/translation symfony/string symfony/var-dumper
        symfony/routing symfony/filesystem symfony/mailer symfony/mime symfony/cache laravel/framework laravel/tinker
        laravel/sanctum laravel/passport laravel/socialite illuminate/support illuminate/database illuminate/contracts
        guzzlehttp/guzzle guzzlehttp/psr7 guzzlehttp/promises monolog/monolog psr/log psr/container psr/http-message
        psr/cache psr/simple-cache phpunit/phpunit phpunit/php-code-coverage doctrine/orm doctrine/dbal
        doctrine/inflector doctrine/lexer doctrine/instantiator nesbot/carbon ramsey/uuid vlucas/phpdotenv
        league/flysystem league/commonmark nikic/php-parser sebastian/diff sebastian/comparator sebastian/exporter
        phpstan/phpstan twig/twig swiftmailer/swiftmailer phpmailer/phpmailer composer/composer composer/semver
        aws/aws-sdk-php predis/predis fakerphp/faker mockery/mockery friendsofphp/php-cs-fixer
        squizlabs/php_codesniffer
        """

    /// Chosen by hand among the packages that most others depend on.
    static let nuget = """
        newtonsoft.json serilog serilog.sinks.console serilog.sinks.file automapper dapper xunit xunit.core nunit moq
        fluentassertions castle.core entityframework polly mediatr fluentvalidation swashbuckle.aspnetcore nlog
        log4net restsharp autofac stackexchange.redis npgsql mysql.data mongodb.driver rabbitmq.client masstransit
        hangfire quartz humanizer csvhelper epplus nodatime bouncycastle.cryptography sharpziplib system.text.json
        system.memory system.buffers microsoft.extensions.logging microsoft.extensions.dependencyinjection
        microsoft.extensions.configuration microsoft.entityframeworkcore microsoft.aspnetcore.openapi
        microsoft.net.test.sdk microsoft.identitymodel.tokens azure.core azure.identity azure.storage.blobs
        awssdk.core awssdk.s3 google.protobuf grpc.net.client coverlet.collector sixlabors.imagesharp benchmarkdotnet
        bogus refit
        """
}
