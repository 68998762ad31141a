using System.Text.Json;

namespace ActivityConnector.Tests.Commands;

public sealed class ConfigCommandTests : IDisposable
{
    private const string Secret = "hunter2hunter2";

    private readonly Session _session = new();

    public static TheoryData<string> Starts => new()
    {
        "",
        "--source intercom",
        "--source sequence",
        "--source sequence --source intercom --sink elasticsearch",
        "--journal kafka",
        "--source intercom --sink elasticsearch --journal kafka",
    };

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task A_new_file_is_valid_as_soon_as_its_secrets_are_there(string arguments)
    {
        Assert.Equal(0, await _session.RunAsync(["config", "new", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]));
        _session.Write("my.json", _session.Out);
        Assert.Contains("//", _session.Out, StringComparison.Ordinal);
        if (!arguments.Contains("--source sequence", StringComparison.Ordinal)) _session.Environment["Sources__Intercom__AccessToken"] = Secret;

        if (!arguments.Contains("--source intercom", StringComparison.Ordinal))
        {
            (_session.Environment["Sources__Sequence__ClientId"], _session.Environment["Sources__Sequence__ClientSecret"]) = (Secret, Secret);
        }

        if (arguments.Contains("--source sequence --source intercom", StringComparison.Ordinal))
        {
            (_session.Environment["Sources__Sequence__ClientId"], _session.Environment["Sources__Sequence__ClientSecret"]) = (Secret, Secret);
            _session.Environment["Sources__Intercom__AccessToken"] = Secret;
        }

        if (arguments.Contains("kafka", StringComparison.Ordinal)) _session.Environment["Kafka__Security__Password"] = Secret;

        Assert.Equal(0, await _session.RunAsync("validate", "--config", "my.json"));
        Assert.Equal($"The configuration is valid ({Path.Combine(_session.Folder, "my.json")}).", _session.Out.TrimEnd());
    }

    [Fact]
    public async Task Each_value_is_shown_with_where_it_was_set_and_no_secret_is()
    {
        var file = _session.Write("my.json", """
            {
              "Sources": { "Intercom": [ { "AccessToken": "hunter2hunter2", "Account": "one", "PageSize": 9 }, { "Account": "two" } ] },
              "Transform": { "Privacy": { "Fields": { "user.email": "drop" } }, "Tags": ["a"] }
            }
            """);
        _session.Environment["Journal__Retention"] = "3d";
        string[] set =
        [
            $"Kafka:BootstrapServers=me:{Secret}@k:9092", $"Kafka:Properties:sasl.oauthbearer.client.secret={Secret}", $"Kafka:Properties:ssl.key.pem={Secret}",
            $"Kafka:Properties:sasl.oauthbearer.token.endpoint.url=https://me:{Secret}@login/token?key={Secret}", "Kafka:Properties:linger.ms=7",
            $"Elasticsearch:Urls:0=https://me:{Secret}@es:9200", $"Elasticsearch:Password={Secret}", $"Sources:Sequence:BaseUrl=https://me:p/{Secret}@host/api",
        ];

        Assert.Equal(0, await _session.RunAsync(["config", "show", "-o", "json", "--config", "my.json", .. set.SelectMany(s => (string[])["--set", s])]));

        var shown = JsonDocument.Parse(_session.Out).RootElement.EnumerateArray()
            .ToDictionary(o => o.GetProperty("key").GetString()!, o => (o.GetProperty("value").GetString(), o.GetProperty("set_by").GetString()));
        Assert.Equal(("9", $"line 2 of {file}"), shown["Sources:Intercom:0:PageSize"]);
        Assert.Equal(("250", "default"), shown["Sources:Intercom:1:PageSize"]);
        Assert.Equal(("********", $"line 2 of {file}"), shown["Sources:Intercom:0:AccessToken"]);
        Assert.Equal((null, "default"), shown["Sources:Intercom:1:AccessToken"]);
        Assert.Equal(("drop", $"line 3 of {file}"), shown["Transform:Privacy:Fields:user.email"]);
        Assert.Equal(("a", $"line 3 of {file}"), shown["Transform:Tags:0"]);
        Assert.Equal(("3.00:00:00", "environment variable Journal__Retention"), shown["Journal:Retention"]);
        Assert.Equal(("********@k:9092", "--set"), shown["Kafka:BootstrapServers"]);
        Assert.Equal(("7", "--set"), shown["Kafka:Properties:linger.ms"]);
        Assert.Equal(("https://********@login/token?********", "--set"), shown["Kafka:Properties:sasl.oauthbearer.token.endpoint.url"]);
        Assert.Equal(("https://********@es:9200", "--set"), shown["Elasticsearch:Urls:0"]);
        Assert.DoesNotContain(Secret, _session.Out + _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_set_to_its_default_is_no_change()
    {
        _session.Write("my.json", """{ "Sources": { "Intercom": { "PageSize": 250, "Lookback": "20m" } } }""");

        Assert.Equal(0, await _session.RunAsync("config", "show", "--changed", "--config", "my.json"));

        Assert.Equal(["Sources:Intercom:Lookback\t00:20:00"], _session.Lines.Select(line => string.Join('\t', line.Split('\t')[..2])));
    }

    public void Dispose() => _session.Dispose();
}
