namespace ActivityConnector.Tests.Configuration;

/// <summary>Every problem that configuration can have, by the whole line that an operator reads.</summary>
public sealed class ConfigurationProblemTests : IDisposable
{
    private const string On = "Sources:Intercom:AccessToken=t";

    private readonly Loading _loading = new();

    public static TheoryData<string, string[], string> Cases => new()
    {
        { "unknown section", [On, "Source:X=1"], "error: Source: There is no such option. Did you mean Sources?" },
        {
            "unknown key", [On, "Sources:Intercom:PagSize=5"],
            "error: Sources:Intercom:PagSize: There is no such option. Did you mean Sources:Intercom:PageSize?"
        },
        {
            "unknown key, nothing near", [On, "Journal:Colour=red"],
            "error: Journal:Colour: There is no such option. Remove it; Journal knows Kind, Path, MaxBytes, Retention."
        },
        {
            "not a number", [On, "Sources:Intercom:PageSize=many"],
            "error: Sources:Intercom:PageSize: \"many\" cannot be read. Give a whole number of records between 1 and 250."
        },
        { "not a truth value", [On, "Sources:Intercom:Enabled=yes"], "error: Sources:Intercom:Enabled: \"yes\" cannot be read. Give true or false." },
        { "not a choice", [On, "Transform:Format=deep"], "error: Transform:Format: \"deep\" cannot be read. Give flat or nested." },
        { "a number for a choice", [On, "Transform:Format=1"], "error: Transform:Format: \"1\" cannot be read. Give flat or nested." },
        {
            "a value for a section", [On, "Journal=data"],
            "error: Journal: One value stands where an object is expected. Write { … } in the file, or Journal:Name=value with --set."
        },
        { "a section for a value", [On, "Journal:Path:Sub=x"], "error: Journal:Path: An object or array stands where one value is expected. Give one text." },
        {
            "a value for a list", [On, "Transform:Tags=a"],
            "error: Transform:Tags: An array is expected. Write [\"…\"] in the file, or Transform:Tags:0=… with --set."
        },
        {
            "a prefix of dots", [On, "Kafka:TopicPrefix=.."],
            "error: Kafka:TopicPrefix: \"..\" is not allowed. Use at most 100 letters, digits, '.', '-' and '_', with a letter or digit among them."
        },
        {
            "a prefix that Kafka refuses", [On, "Kafka:TopicPrefix=a/b"],
            "error: Kafka:TopicPrefix: \"a/b\" is not allowed. Use at most 100 letters, digits, '.', '-' and '_', with a letter or digit among them."
        },
        {
            "an environment of dots", [On, "Kafka:Environment=."],
            "error: Kafka:Environment: \".\" is not allowed. Use at most 40 letters, digits, '.', '-' and '_', with a letter or digit among them."
        },
        {
            "a page for every machine without a token", [On, "Admin:Url=http://*:8080"],
            "error: Admin:Token: It is missing, and Admin:Url can be reached from other machines. "
                + "Give Token or TokenFile (openssl rand -hex 32), listen at http://127.0.0.1:8080, or set Admin:Enabled to false."
        },
        {
            "a name that only looks like this machine", [On, "Admin:Url=http://loopback:8080"],
            "error: Admin:Token: It is missing, and Admin:Url can be reached from other machines. "
                + "Give Token or TokenFile (openssl rand -hex 32), listen at http://127.0.0.1:8080, or set Admin:Enabled to false."
        },
        {
            "a token that is guessed", [On, "Admin:Token=secret"],
            "error: Admin:Token: It has fewer than 16 characters. Make one with: openssl rand -hex 32."
        },
        {
            "page too large", [On, "Sources:Intercom:PageSize=251"],
            "error: Sources:Intercom:PageSize: 251 is out of range. Give a whole number of records between 1 and 250."
        },
        {
            "page too small", [On, "Sources:Sequence:PageSize=0"],
            "error: Sources:Sequence:PageSize: 0 is out of range. Give a whole number of records between 10 and 100."
        },
        {
            "duration that TimeSpan reads as days", [On, "Sources:Sequence:HoldBack=15"],
            "error: Sources:Sequence:HoldBack: \"15\" cannot be read. "
            + "Give a duration between 00:00:00 and 1.00:00:00 as hh:mm:ss or d.hh:mm:ss or with a unit, for example 00:15:00 or 15m."
        },
        {
            "duration with words", [On, "Journal:Retention=30 days"],
            "error: Journal:Retention: \"30 days\" cannot be read. "
            + "Give a duration between 01:00:00 and 3650.00:00:00 as hh:mm:ss or d.hh:mm:ss or with a unit, for example 00:15:00 or 15m."
        },
        {
            "negative lookback", [On, "Sources:Intercom:Lookback=-00:15:00"],
            "error: Sources:Intercom:Lookback: -00:15:00 is out of range. "
            + "Give a duration between 00:00:00 and 1.00:00:00 as hh:mm:ss or d.hh:mm:ss or with a unit, for example 00:15:00 or 15m."
        },
        {
            "negative hold-back", [On, "Sources:Sequence:HoldBack=-00:00:01"],
            "error: Sources:Sequence:HoldBack: -00:00:01 is out of range. "
            + "Give a duration between 00:00:00 and 1.00:00:00 as hh:mm:ss or d.hh:mm:ss or with a unit, for example 00:15:00 or 15m."
        },
        {
            "settle too large", [On, "Sources:Intercom:Settle=2.00:00:00"],
            "error: Sources:Intercom:Settle: 2.00:00:00 is out of range. "
            + "Give a duration between 00:00:00 and 1.00:00:00 as hh:mm:ss or d.hh:mm:ss or with a unit, for example 00:15:00 or 15m."
        },
        {
            "window too narrow", [On, "Sources:Intercom:MaxWindow=00:00:59"],
            "error: Sources:Intercom:MaxWindow: 00:00:59 is out of range. "
            + "Give a duration between 00:01:00 and 365.00:00:00 as hh:mm:ss or d.hh:mm:ss or with a unit, for example 00:15:00 or 15m."
        },
        {
            "journal too small", [On, "Journal:MaxBytes=5"],
            "error: Journal:MaxBytes: 5 is out of range. Give a whole number of bytes, at least 1048576, or a size such as 500MB."
        },
        {
            "a size without a number", [On, "Journal:MaxBytes=GB"],
            "error: Journal:MaxBytes: \"GB\" cannot be read. Give a whole number of bytes, at least 1048576, or a size such as 500MB."
        },
        {
            "requests", ["Sources:Sequence:ClientId=c", "Sources:Sequence:ClientSecret=s", "Sources:Sequence:RequestsPerMinute=0"],
            "error: Sources:Sequence:RequestsPerMinute: 0 is out of range. Give a whole number of requests between 1 and 1000000."
        },
        { "cron of five fields", [On, "Sources:Intercom:Schedule=*/5 * * * *"], "error: Sources:Intercom:Schedule: \"*/5 * * * *\" is not a schedule: " },
        { "sweep schedule", [On, "Sources:Intercom:SweepSchedule=daily"], "error: Sources:Intercom:SweepSchedule: \"daily\" is not a schedule: " },
        {
            "start that is no time", [On, "Sources:Intercom:StartAt=yesterday"],
            "error: Sources:Intercom:StartAt: StartAt 'yesterday' is neither a time such as 2026-01-31T00:00:00Z "
            + "nor a span before now such as -30d, -12h or -90m. "
            + "Write 2026-01-31T00:00:00Z, or -30d for 30 days ago; leave it out to read as far back as the vendor goes."
        },
        {
            "start in the future", [On, "Sources:Intercom:StartAt=2030-01-01T00:00:00Z"],
            "error: Sources:Intercom:StartAt: StartAt '2030-01-01T00:00:00Z' is in the future. Write "
        },
        {
            "credential over http", [On, "Sources:Intercom:BaseUrl=http://api.intercom.io"],
            "error: Sources:Intercom:BaseUrl: It would send the credential unencrypted: "
            + "use https (http is for loopback only). Give the https address of the vendor's API."
        },
        {
            "base URL that is none", [On, "Sources:Intercom:BaseUrl=intercom"],
            "error: Sources:Intercom:BaseUrl: It is not an address such as https://api.example.com. "
            + "Give the https address of the vendor's API."
        },
        {
            "Sequence without /api",
            ["Sources:Sequence:ClientId=c", "Sources:Sequence:ClientSecret=s", "Sources:Sequence:BaseUrl=https://eu.sequencehq.com"],
            "warning: Sources:Sequence:BaseUrl: https://eu.sequencehq.com does not end in /api. "
            + "Use https://eu.sequencehq.com/api, or https://sandbox.sequencehq.com/api for the sandbox."
        },
        {
            "version of Intercom's API", [On, "Sources:Intercom:ApiVersion=latest"],
            "error: Sources:Intercom:ApiVersion: \"latest\" is not allowed. ApiVersion must be a version such as 2.16, or Preview."
        },
        {
            "secret twice", [On, "Sources:Intercom:AccessTokenFile=token"],
            "error: Sources:Intercom:AccessToken: AccessToken and AccessTokenFile are both given. Keep one of them."
        },
        {
            "secret file that is not there", ["Sources:Intercom:AccessTokenFile=no/such"],
            "error: Sources:Intercom:AccessTokenFile: The file is not there. "
            + "Give the path of a regular file that the connector's user can read."
        },
        {
            "secret file that is a folder", ["Sources:Intercom:AccessTokenFile=."],
            "error: Sources:Intercom:AccessTokenFile: The file is a folder. "
            + "Give the path of a regular file that the connector's user can read."
        },
        {
            "empty secret file", ["Sources:Intercom:AccessTokenFile=empty"],
            "error: Sources:Intercom:AccessTokenFile: The file is empty. Write the secret into it."
        },
        {
            "half a credential", ["Sources:Sequence:ClientId=c"],
            "error: Sources:Sequence:ClientSecret: It is missing. Give ClientSecret or ClientSecretFile, or set Sources:Sequence:Enabled to false."
        },
        {
            "on without a credential", ["Sources:Intercom:Enabled=true"],
            "error: Sources:Intercom:AccessToken: It is missing. Give AccessToken or AccessTokenFile, or set Sources:Intercom:Enabled to false."
        },
        {
            "name of an account", [On, "Sources:Intercom:Account=a/b"],
            "error: Sources:Intercom:Account: \"a/b\" cannot be the name of an account. "
                + "Use at most 64 letters, digits, '.', '-' and '_', with a letter or digit among them."
        },
        {
            "same account twice",
            ["Sources:Intercom:0:AccessToken=a", "Sources:Intercom:0:Account=x", "Sources:Intercom:1:AccessToken=b", "Sources:Intercom:1:Account=X"],
            "error: Sources:Intercom:1:Account: Sources:Intercom:0 and Sources:Intercom:1 have account \"x\": their checkpoints would be one. "
            + "Give each its own Account, or set Enabled to false on all but one."
        },
        {
            "two accounts without a name", ["Sources:Intercom:0:AccessToken=a", "Sources:Intercom:1:AccessToken=b"],
            "error: Sources:Intercom:1:Account: Sources:Intercom:0 and Sources:Intercom:1 have no account: their checkpoints would be one. "
            + "Give each its own Account, or set Enabled to false on all but one."
        },
        {
            "no source", [],
            "error: Sources: No source is on. "
            + "Set Sources:Intercom:AccessToken, or Sources:Sequence:ClientId and ClientSecret; or try the command demo, which needs no setting."
        },
        {
            "journal in Kafka", [On, "Journal:Kind=Kafka"],
            "error: Kafka:BootstrapServers: It is missing. Give the brokers as host:port with commas between, or set Journal:Kind to Sqlite."
        },
        {
            "node that is no address", [On, "Elasticsearch:Urls:0=es-1:9200"],
            "error: Elasticsearch:Urls:0: It is not the address of a node. Write it as https://host:9200."
        },
        {
            "node with a user in it", [On, "Elasticsearch:Urls:0=https://u:p@es-1:9200"],
            "error: Elasticsearch:Urls:0: It has a user or a password in it. Give them as Elasticsearch:Username and Elasticsearch:Password."
        },
        {
            "node over http with a key", [On, "Elasticsearch:Urls:0=http://es-1:9200", "Elasticsearch:ApiKey=a:b"],
            "error: Elasticsearch:Urls:0: A credential would go over plain http. Use https; http only for this machine itself."
        },
        {
            "Elasticsearch key and user",
            [On, "Elasticsearch:Urls:0=https://es-1:9200", "Elasticsearch:ApiKey=a:b", "Elasticsearch:Username=u", "Elasticsearch:Password=p"],
            "error: Elasticsearch:ApiKey: An API key and a user are both given. Keep one of them."
        },
        {
            "Elasticsearch user without password", [On, "Elasticsearch:Urls:0=https://es-1:9200", "Elasticsearch:Username=u"],
            "error: Elasticsearch:Password: It is missing. Give Password or PasswordFile."
        },
        {
            "fingerprint of another length", [On, "Elasticsearch:Urls:0=https://es-1:9200", "Elasticsearch:CaFingerprint=ab:cd"],
            "error: Elasticsearch:CaFingerprint: \"ab:cd\" is not allowed. Give the 64 hex digits of a SHA-256; colons between pairs are allowed."
        },
        {
            "prefix with a hyphen", [On, "Elasticsearch:Prefix=my-logs"],
            "error: Elasticsearch:Prefix: \"my-logs\" is not allowed. Use at most 40 characters of a-z, 0-9 and _, the first none of _."
        },
        {
            "client certificate without key", [On, "Elasticsearch:Urls:0=https://es-1:9200", "Elasticsearch:CertificateFile=pem"],
            "error: Elasticsearch:KeyFile: A client certificate needs both CertificateFile and KeyFile. Give both, or neither."
        },
        {
            "option of another section", [On, "Journal:PageSize=5"],
            "error: Journal:PageSize: There is no such option. Did you mean Sources:Intercom:PageSize or Sources:Sequence:PageSize?"
        },
        {
            "option without its section", [On, "Intercom:PageSize=5"],
            "error: Intercom: There is no such option. Did you mean Sources:Intercom? (Set by --set.)"
        },
        {
            "option of another spelling", [On, "Sources:Intercom:page_size=5"],
            "error: Sources:Intercom:page_size: There is no such option. Did you mean Sources:Intercom:PageSize?"
        },
        {
            "option of an account", ["Sources:Intercom:0:AccessToken=t", "Sources:Intercom:0:Acount=x"],
            "error: Sources:Intercom:0:Acount: There is no such option. Did you mean Sources:Intercom:Account?"
        },
        {
            "schedule of a day that is none", [On, "Sources:Intercom:Schedule=0 0 0 30 2 ?"],
            "error: Sources:Intercom:Schedule: \"0 0 0 30 2 ?\" never fires: there is no such day, or it is past. Write it as Quartz reads it"
        },
        {
            "schedule of a year that is past", [On, "Sources:Intercom:SweepSchedule=0 0 0 1 1 ? 2020"],
            "error: Sources:Intercom:SweepSchedule: \"0 0 0 1 1 ? 2020\" never fires: there is no such day, or it is past. Write it as Quartz reads it"
        },
        {
            "sweep shorter than the overlap", [On, "Sources:Intercom:Lookback=3h", "Sources:Intercom:SweepRange=2h"],
            "error: Sources:Intercom:SweepRange: A sweep over 02:00:00 finds nothing: "
            + "each poll reads the last 03:00:00 again by itself (Sources:Intercom:Lookback). "
            + "Give a SweepRange that is longer, for example 7d, or a shorter Sources:Intercom:Lookback."
        },
        {
            "Kafka beside SQLite", [On, "Kafka:BootstrapServers=k:9092"],
            "warning: Kafka:BootstrapServers: It has no effect: Journal:Kind is Sqlite, so nothing is read from Kafka or written to it. "
            + "Set Journal:Kind to Kafka, or remove the section Kafka. (Set by --set.)"
        },
        {
            "Kafka security beside SQLite", [On, "Kafka:Security:Protocol=ssl"],
            "warning: Kafka:Security:Protocol: It has no effect: Journal:Kind is Sqlite, so nothing is read from Kafka or written to it. "
        },
        {
            "SQLite beside Kafka", [On, "Journal:Kind=Kafka", "Kafka:BootstrapServers=k:9092", "Journal:MaxBytes=1GB"],
            "warning: Journal:MaxBytes: It has no effect: Journal:Kind is Kafka, where nothing is kept on this machine. "
        },
        {
            "Elasticsearch without a node", [On, "Elasticsearch:Prefix=x"],
            "warning: Elasticsearch:Prefix: It has no effect: without Elasticsearch:Urls no event is sent there. "
            + "Give the nodes as Elasticsearch:Urls, or remove the section Elasticsearch. (Set by --set.)"
        },
        {
            "source without a credential beside one that is on", [On, "Sources:Sequence:Account=live"],
            "warning: Sources:Sequence:Account: It has no effect: the source has no credential, so it is off. "
            + "Give the credential; or set Sources:Sequence:Enabled to false, and this is not said again."
        },
        {
            "one credential twice",
            ["Sources:Intercom:0:AccessToken=a", "Sources:Intercom:0:Account=x", "Sources:Intercom:1:AccessToken=a", "Sources:Intercom:1:Account=y"],
            "error: Sources:Intercom:1: Sources:Intercom:0 and Sources:Intercom:1 have the same credential: each record would be collected for both. "
            + "Keep one of them, or give the other its own credential."
        },
        {
            "the account that no name means, by its name",
            [
                "Sources:Sequence:0:ClientId=a", "Sources:Sequence:0:ClientSecret=s", "Sources:Sequence:1:ClientId=b", "Sources:Sequence:1:ClientSecret=s",
                "Sources:Sequence:1:Account=default",
            ],
            "error: Sources:Sequence:1:Account: Sources:Sequence:0 and Sources:Sequence:1 have account \"default\": their checkpoints would be one. "
        },
        {
            "secret with a space after it", ["Sources:Intercom:AccessToken=t "],
            "error: Sources:Intercom:AccessToken: It has white space before or after it. "
            + "Give the secret alone, without a space or a line end before or after it."
        },
        {
            "secret with a line end after it", ["Sources:Intercom:AccessToken=t\n"],
            "error: Sources:Intercom:AccessToken: It has white space before or after it. "
        },
        {
            "secret file with a space after it", ["Sources:Intercom:AccessTokenFile=spaced"],
            "error: Sources:Intercom:AccessTokenFile: The file has white space before or after it. "
            + "Write the secret alone into the file, in one line, without a space before or after it."
        },
        {
            "severity of an activity with a typo", [On, "Transform:Severity:admin_deletoin=9"],
            "warning: Transform:Severity:admin_deletoin: No mapping table has the activity admin_deletoin. "
            + "Did you mean admin_deletion? If a vendor has added admin_deletoin, leave it as it is."
        },
        {
            "severity of an activity that no table knows", [On, "Transform:Severity:zzzzzzzz_qqqqqqqq=9"],
            "warning: Transform:Severity:zzzzzzzz_qqqqqqqq: No mapping table has the activity zzzzzzzz_qqqqqqqq. "
            + "If a vendor has added it, leave it as it is; 'mapping list' prints those that are known."
        },
        {
            "privacy of a field with a typo", [On, "Transform:Privacy:Fields:user.emial=drop"],
            "error: Transform:Privacy:Fields:user.emial: No event has a field user.emial when it leaves the connector: nothing would be hidden. "
            + "Did you mean user.email?"
        },
        {
            "privacy of a field without its object", [On, "Transform:Privacy:Fields:email=drop"],
            "error: Transform:Privacy:Fields:email: No event has a field email when it leaves the connector: nothing would be hidden. "
            + "Did you mean user.changes.email or user.email or user.target.email?"
        },
        {
            "privacy of a field that only a pipeline adds", [On, "Transform:Privacy:Fields:source.geo.city_name=drop"],
            "error: Transform:Privacy:Fields:source.geo.city_name: No event has a field source.geo.city_name when it leaves the connector: "
        },
        {
            "Kafka user without SASL",
            [On, "Journal:Kind=Kafka", "Kafka:BootstrapServers=k:9092", "Kafka:Security:Username=u", "Kafka:Security:Protocol=ssl"],
            "error: Kafka:Security:Protocol: There are credentials, and the protocol has no use for them. Set it to sasl_ssl, or remove them."
        },
        {
            "a registry's password over http",
            [
                On, "Journal:Kind=Kafka", "Kafka:BootstrapServers=k:9092", "Kafka:SchemaRegistry:Url=http://r:8081", "Kafka:SchemaRegistry:Username=u",
                "Kafka:SchemaRegistry:Password=p",
            ],
            "error: Kafka:SchemaRegistry:Url: A credential would go over plain http. Use https; http only for this machine itself."
        },
        {
            "a registry's address that is none", [On, "Journal:Kind=Kafka", "Kafka:BootstrapServers=k:9092", "Kafka:SchemaRegistry:Url=r:8081"],
            "error: Kafka:SchemaRegistry:Url: It is not the address of a schema registry. Write it as https://host:8081."
        },
        {
            "a registry's address with a user in it",
            [On, "Journal:Kind=Kafka", "Kafka:BootstrapServers=k:9092", "Kafka:SchemaRegistry:Url=https://u:p@r"],
            "error: Kafka:SchemaRegistry:Url: It has a user or a password in it. "
            + "Give them as Kafka:SchemaRegistry:Username and Kafka:SchemaRegistry:Password."
        },
        {
            "a registry's user without a password",
            [
                On, "Journal:Kind=Kafka", "Kafka:BootstrapServers=k:9092", "Kafka:SchemaRegistry:Url=https://r", "Kafka:SchemaRegistry:Username=u",
            ],
            "error: Kafka:SchemaRegistry:Password: It is missing. Give Password or PasswordFile."
        },
        {
            "a registry without an address",
            [
                On, "Journal:Kind=Kafka", "Kafka:BootstrapServers=k:9092", "Kafka:SchemaRegistry:Username=u", "Kafka:SchemaRegistry:Password=p",
            ],
            "error: Kafka:SchemaRegistry:Url: It is missing, and the other options of the section have no use without it. Give it, or remove them."
        },
        {
            "Kafka certificate without TLS", [On, "Journal:Kind=Kafka", "Kafka:BootstrapServers=k:9092", "Kafka:Security:CaFile=pem"],
            "error: Kafka:Security:Protocol: There are certificates, and the protocol has no use for them. Set it to ssl or sasl_ssl, or remove them."
        },
        {
            "tokens from nowhere",
            [
                On, "Journal:Kind=Kafka", "Kafka:BootstrapServers=k:9092", "Kafka:Security:Protocol=sasl_ssl",
                "Kafka:Security:Mechanism=OAUTHBEARER", "Kafka:Security:Username=c", "Kafka:Security:Password=s",
            ],
            "error: Kafka:Properties:sasl.oauthbearer.token.endpoint.url: OAUTHBEARER needs to know where tokens come from. "
            + "Give the address of the token endpoint."
        },
        {
            "tokens without a client secret",
            [
                On, "Journal:Kind=Kafka", "Kafka:BootstrapServers=k:9092", "Kafka:Security:Protocol=sasl_ssl",
                "Kafka:Security:Mechanism=OAUTHBEARER", "Kafka:Security:Username=c",
                "Kafka:Properties:sasl.oauthbearer.token.endpoint.url=https://t/",
            ],
            "error: Kafka:Security:Password: It is missing. Give Password or PasswordFile."
        },
        {
            "client secret beside its option",
            [On, "Journal:Kind=Kafka", "Kafka:BootstrapServers=k:9092", "Kafka:Properties:sasl.oauthbearer.client.secret=s"],
            "error: Kafka:Properties:sasl.oauthbearer.client.secret: The connector sets this property itself: "
            + "its guarantees rest on it, or another option gives it. Remove it."
        },
        { "journal that is blank", [On, "Journal:Path=  "], "error: Journal:Path: It is blank. Give the path of a file on a local disk, " },
        { "journal that is a folder", [On, "Journal:Path=/"], "error: Journal:Path: / is a folder. Give the path of a file, for example data/journal.db." },
        {
            "namespace", [On, "Transform:Namespace=My-Team"],
            "error: Transform:Namespace: \"My-Team\" is not allowed. Use at most 100 characters: lower case, no '-', no space, none of \\/*?\"<>|,#:."
        },
        {
            "name of a label", [On, "Transform:Labels:Cost-Centre=7"],
            "error: Transform:Labels:Cost-Centre: \"Cost-Centre\" cannot be the name of a label. Use a-z, 0-9 and _ only."
        },
        {
            "severity", [On, "Transform:Severity:admin_deletion=101"],
            "error: Transform:Severity:admin_deletion: 101 is out of range. Give a whole number between 0 and 100."
        },
        {
            "privacy action", [On, "Transform:Privacy:Fields:user.email=mask"],
            "error: Transform:Privacy:Fields:user.email: \"mask\" cannot be read. Give keep or drop or hash."
        },
        {
            "privacy field", [On, "Transform:Privacy:Fields:User Email=drop"],
            "error: Transform:Privacy:Fields:User Email: \"User Email\" is not the name of a field. "
            + "Write it as in an event, for example user.email; or with .* at its end for all below it."
        },
        {
            "event without time", [On, "Transform:Privacy:Fields:@timestamp=drop"],
            "error: Transform:Privacy:Fields: Privacy cannot drop or hash @timestamp: no event can be without it. "
            + "Remove the entry, or keep that field by an entry of its own."
        },
        {
            "event without id by a prefix", [On, "Transform:Privacy:Fields:event.*=drop"],
            "error: Transform:Privacy:Fields: Privacy cannot drop or hash event.id: no event can be without it. "
            + "Remove the entry, or keep that field by an entry of its own."
        },
        {
            "hash without key", [On, "Transform:Privacy:Fields:user.email=hash"],
            "error: Transform:Privacy:KeyFile: user.email is to be hashed, and there is no key. "
            + "Give a file with at least 16 random bytes, for example made with: openssl rand -hex 32."
        },
        {
            "short key", [On, "Transform:Privacy:KeyFile=filled"],
            "error: Transform:Privacy:KeyFile: The key in its file has 1 bytes, and at least 16 are needed. "
            + "Give a file with at least 16 random bytes, for example made with: openssl rand -hex 32."
        },
        {
            "key file that is not there", [On, "Transform:Privacy:KeyFile=key"],
            "error: Transform:Privacy:KeyFile: The file is not there. "
            + "Give the path of a regular file that the connector's user can read."
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_problem_is_said_with_its_key_the_cause_and_the_fix(string name, string[] set, string expected)
    {
        _loading.Write("empty", " \n");
        _loading.Write("filled", "x");
        _loading.Write("spaced", "t \n");
        _loading.Write("pem", "-----BEGIN CERTIFICATE-----");

        var problem = Assert.Single(_loading.Load(null, set).Problems);

        Assert.StartsWith(expected, problem.ToString(), StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(problem.Fix), name);
    }

    [Fact]
    public void All_problems_are_said_at_once()
    {
        var loaded = _loading.Load(null, "Sources:Intercom:PageSize=0", "Sources:Sequence:Schedule=x", "Journal:Pth=y", "Transform:Namespace=A");

        Assert.Equal(
            ["Journal:Pth", "Sources:Intercom:PageSize", "Sources:Sequence:Schedule", "Sources", "Transform:Namespace"],
            loaded.Problems.Select(p => p.Key).OrderBy(k => k == "Sources" ? "Sources:Z" : k, StringComparer.Ordinal));
        Assert.False(loaded.CanRun);
    }

    [Fact]
    public void A_warning_does_not_keep_the_connector_from_running() =>
        Assert.True(_loading.Load(null, On, "Sources:Sequence:BaseUrl=https://eu.sequencehq.com", "Sources:Sequence:Enabled=false").CanRun);

    [Fact]
    public void No_problem_shows_a_secret()
    {
        var loaded = _loading.Load(null, "Sources:Intercom:AccessToken=hunter2", "Sources:Intercom:AccessTokenFile=f", "Sources:Sequence:ClientSecret=hunter2");

        Assert.NotEmpty(loaded.Problems);
        Assert.DoesNotContain(loaded.Problems, p => p.ToString().Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_without_mapping_tables_is_a_problem_for_each_table()
    {
        var problems = _loading.Load(null, On, "Transform:MappingsFolder=tables").Problems;

        Assert.Equal(
            [
                $"The table {_loading.Folder}/tables/intercom-ecs.csv is not there.",
                $"The table {_loading.Folder}/tables/sequence-ecs.csv is not there.",
            ],
            problems.Select(p => p.Cause));
    }

    [Fact]
    public void A_broken_mapping_table_is_said_with_its_line_and_column()
    {
        var good = Path.Combine(DeliveredFiles.Root, "config", "mappings");
        _loading.Write("tables/sequence-ecs.csv", File.ReadAllText(Path.Combine(good, "sequence-ecs.csv")));
        var table = File.ReadAllText(Path.Combine(good, "intercom-ecs.csv"));
        _loading.Write(
            "tables/intercom-ecs.csv",
            table.Replace("admin_avatar_change,iam,user|change,", "admin_avatar_change,iam,user|chnge,", StringComparison.Ordinal));

        var problem = Assert.Single(_loading.Load(null, On, "Transform:MappingsFolder=tables").Problems);

        Assert.StartsWith(
            $"The table {_loading.Folder}/tables/intercom-ecs.csv is broken: line 3, column event.type: ", problem.Cause, StringComparison.Ordinal);
    }

    public void Dispose() => _loading.Dispose();
}
