using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using ActivityConnector.Configuration;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Sources.Http;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>Whatever stands where a secret is expected: every reader refuses it in words, at once, and none shows it or its path.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SecretFileTests : IDisposable
{
    private const string Canary = "canary7f3a";

    private readonly TemporaryFolder _folder = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public static TheoryData<string, string> Cases => new()
    {
        { "missing", "is not there" },
        { "dangling", "is a symbolic link to nothing" },
        { "loop", "cannot be opened (Too many levels of symbolic links)" },
        { "folder", "is a folder" },
        { "pipe", "is a pipe or a socket, not a regular file" },
        { "socket", "cannot be opened (No such device or address)" },
        { "zero", "is a device or another special file, not a regular one" },
        { "endless", "is a device or another special file, not a regular one" },
        { "large", "has more than 64 KiB" },
        { "lines", "has more than one line" },
        { "before", "has white space before or after it" },
        { "after", "has white space before or after it" },
        { "nul", "has a control character in it" },
        { "escape", "has a control character in it" },
        { "latin", "is not UTF-8 text" },
    };

    public static TheoryData<string, string> TokenCases => new()
    {
        { "bearer", "begins with \"Bearer\"" },
        { "spaced", "has a space in it" },
        { "umlaut", "has a character that is not ASCII" },
    };

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_no_secret_is_refused_by_every_reader(string name, string cause)
    {
        var path = Make(name);
        Refused<SourceRefusedException>(() => new Secret(null, path, "Sources:X:Token").Current(), "Sources:X:TokenFile", cause, path);
        Refused<SinkRefusedException>(() => Credentials.Of(new() { ApiKeyFile = path }), "Elasticsearch:ApiKeyFile", cause, path);
        Refused<SinkRefusedException>(() => Credentials.Of(new() { Username = "u", PasswordFile = path }), "Elasticsearch:PasswordFile", cause, path);
        Refused<JournalMisconfiguredException>(
            () => KafkaCredentials.Read(new() { PasswordFile = path }), "Kafka:Security:PasswordFile", cause, path);
    }

    [Theory]
    [MemberData(nameof(TokenCases))]
    public void What_cannot_be_a_token_may_be_a_password(string name, string cause)
    {
        var path = Make(name);
        Refused<SourceRefusedException>(() => new Secret(null, path, "Sources:X:Token").Current(), "Sources:X:TokenFile", cause, path);
        Refused<SinkRefusedException>(() => Credentials.Of(new() { ApiKeyFile = path }), "Elasticsearch:ApiKeyFile", cause, path);
        Assert.NotNull(Credentials.Of(new() { Username = "u", PasswordFile = path }));
        Assert.NotNull(KafkaCredentials.Read(new() { PasswordFile = path }));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    [MemberData(nameof(TokenCases))]
    public void Validate_says_the_same_before_anything_is_started(string name, string cause)
    {
        using var loading = new Loading();
        var path = Make(name);

        var problem = Assert.Single(loading.Load(null, $"Sources:Intercom:AccessTokenFile={path}").Problems);

        Assert.Equal(("Sources:Intercom:AccessTokenFile", $"The file {cause}.", false), (problem.Key, problem.Cause, problem.IsWarning));
        Assert.DoesNotContain(Canary, problem.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer canary7f3a", "It begins with \"Bearer\".")]
    [InlineData("canary7f3a\nx", "It has more than one line.")]
    [InlineData("canary\u001b7f3a", "It has a control character in it.")]
    [InlineData("canary7f3\u00e4", "It has a character that is not ASCII.")]
    public void A_value_is_held_to_the_same_rules_as_a_file(string value, string cause)
    {
        using var loading = new Loading();

        var problem = Assert.Single(loading.Load(null, $"Sources:Intercom:AccessToken={value}").Problems);

        Assert.Equal(("Sources:Intercom:AccessToken", cause), (problem.Key, problem.Cause));
        Assert.DoesNotContain("canary", problem.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing", "is not there")]
    [InlineData("pipe", "is a pipe or a socket, not a regular file")]
    [InlineData("endless", "is a device or another special file, not a regular one")]
    [InlineData("lines", "has no PEM in it")]
    public void Certificates_and_keys_are_opened_by_the_same_rules(string name, string cause)
    {
        var path = Make(name);
        using var loading = new Loading();

        var problems = loading.Load(
            null,
            "Sources:Intercom:AccessToken=t", "Elasticsearch:Urls:0=https://es:9200", $"Elasticsearch:CaFile={path}", "Journal:Kind=Kafka",
            "Kafka:BootstrapServers=k:9093", "Kafka:Security:Protocol=ssl", $"Kafka:Security:CertificateFile={path}",
            $"Kafka:Security:KeyFile={path}").Problems;

        Assert.Equal(
            [
                ("Kafka:Security:CertificateFile", $"The file {cause}."), ("Kafka:Security:KeyFile", $"The file {cause}."),
                ("Elasticsearch:CaFile", $"The file {cause}."),
            ],
            problems.Select(p => (p.Key, p.Cause)));
        Refused<JournalMisconfiguredException>(() => KafkaCredentials.Read(new() { CaFile = path }), "Kafka:Security:CaFile", cause, path);
    }

    [Theory]
    [InlineData("pipe", "is a pipe or a socket, not a regular file")]
    [InlineData("endless", "is a device or another special file, not a regular one")]
    public void The_key_of_privacy_rules_and_mapping_tables_are_opened_by_the_same_rules(string name, string cause)
    {
        using var loading = new Loading();
        var path = Make(name);
        File.CreateSymbolicLink(_folder.File("intercom-ecs.csv"), path);
        File.CreateSymbolicLink(_folder.File("sequence-ecs.csv"), path);

        var problems = loading.Load(
            null, "Sources:Intercom:AccessToken=t", $"Transform:Privacy:KeyFile={path}", $"Transform:MappingsFolder={_folder.Path}").Problems;

        Assert.Equal(["Transform:Privacy:KeyFile", "Transform:MappingsFolder", "Transform:MappingsFolder"], problems.Select(p => p.Key));
        Assert.All(problems, p => Assert.Contains(cause, p.Cause, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("666", true)]
    [InlineData("602", true)]
    [InlineData("644", false)]
    [InlineData("440", false)]
    public void A_file_that_everybody_may_write_is_a_warning(string mode, bool isWarned)
    {
        using var loading = new Loading();
        var path = Make("good");
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        // As a Kubernetes secret is mounted: through two links.
        File.CreateSymbolicLink(_folder.File("..data"), path);
        File.CreateSymbolicLink(_folder.File("mounted"), _folder.File("..data"));

        var loaded = loading.Load(null, $"Sources:Intercom:AccessTokenFile={_folder.File("mounted")}");

        Assert.True(loaded.CanRun);
        Assert.Equal(isWarned ? ["Every user of this system may write the file."] : [], loaded.Problems.Select(p => p.Cause));
        Assert.Equal(Canary, new Secret(null, _folder.File("mounted"), "Sources:X:Token").Current());
    }

    [Fact]
    public void A_token_that_somebody_gave_as_the_path_of_its_file_is_not_shown()
    {
        using var loading = new Loading();
        foreach (var token in (string[])[Canary, $"/{Canary}/x==", $"dG9r/{Canary}", new string('c', 5000) + Canary, $"{Canary}\0x"])
        {
            var problems = loading.Load(null, $"Sources:Intercom:AccessTokenFile={token}").Problems;
            Assert.Contains(problems, problem => problem.Key == "Sources:Intercom:AccessTokenFile");
            Assert.All(problems, problem => Assert.DoesNotContain(Canary, problem.ToString(), StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("Sources:Intercom:BaseUrl=https://user:canary7f3a@api.intercom.io")]
    [InlineData("Sources:Intercom:BaseUrl=http://user:canary7f3a@api.intercom.io")]
    [InlineData("Sources:Intercom:BaseUrl=canary7f3a")]
    [InlineData("Sources:Intercom:BaseUrl=https://api.intercom.io?key=canary7f3a")]
    [InlineData("Sources:Sequence:BaseUrl=https://user:canary7f3a@eu.sequencehq.com")]
    [InlineData("Elasticsearch:Urls:0=https://user:canary7f3a@es:9200")]
    [InlineData("Elasticsearch:Urls:0=user:canary7f3a@es:9200")]
    [InlineData("Elasticsearch:Urls:0=https://es:9200?key=canary7f3a")]
    [InlineData("Kafka:BootstrapServers=user:canary7f3a@k:9092")]
    public void A_password_in_an_address_is_a_problem_that_does_not_show_it(string set)
    {
        using var loading = new Loading();

        var problems = loading.Load(null, "Sources:Intercom:AccessToken=t", "Journal:Kind=Kafka", "Kafka:Properties:x=y", set).Problems;

        Assert.Contains(problems, p => set.StartsWith(p.Key, StringComparison.Ordinal));
        Assert.DoesNotContain(problems, p => p.ToString().Contains(Canary, StringComparison.Ordinal));
    }

    private static void Refused<T>(Action read, string option, string cause, string path)
        where T : Exception
    {
        var refused = Assert.Throws<T>(read);
        Assert.Equal($"The file of {option} {cause}.", refused.Message);
        Assert.DoesNotContain(path, refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, refused.ToString(), StringComparison.Ordinal);
    }

    private string Make(string name)
    {
        var path = _folder.File(name);
        switch (name)
        {
            case "missing":
                break;
            case "dangling":
                File.CreateSymbolicLink(path, "nowhere");
                break;
            case "loop":
                File.CreateSymbolicLink(path, path);
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "pipe":
                Pipe.Make(path);
                break;
            case "socket":
                _socket.Bind(new UnixDomainSocketEndPoint(path));
                break;
            case "zero":
                return "/dev/zero";
            case "endless":
                File.CreateSymbolicLink(path, "/dev/urandom");
                break;
            case "large":
                using (var file = File.Create(path)) file.SetLength(1L << 30);

                break;
            default:
                File.WriteAllBytes(path, name switch
                {
                    "lines" => Encoding.UTF8.GetBytes($"{Canary}\n{Canary}\n"),
                    "nul" => Encoding.UTF8.GetBytes($"{Canary}\0x"),
                    "escape" => Encoding.UTF8.GetBytes($"{Canary}\u001b]52;c;x\u0007"),
                    "latin" => [.. Encoding.UTF8.GetBytes(Canary), 0xE4],
                    "bearer" => Encoding.UTF8.GetBytes($"Bearer {Canary}\n"),
                    "before" => Encoding.UTF8.GetBytes($" {Canary}\n"),
                    "after" => Encoding.UTF8.GetBytes($"{Canary}\t\n"),
                    "spaced" => Encoding.UTF8.GetBytes($"{Canary} x\n"),
                    "umlaut" => Encoding.UTF8.GetBytes($"{Canary}ä\n"),
                    _ => Encoding.UTF8.GetBytes($"\uFEFF{Canary}\r\n"),
                });
                break;
        }

        return path;
    }
}
