using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Configuration;

public sealed class LayersTests : IDisposable
{
    private readonly Loading _loading = new();

    [Fact]
    public void The_command_line_wins_over_the_environment_and_the_environment_over_the_file()
    {
        var file = _loading.Write("my/connector.json", """{ "Sources": { "Intercom": { "AccessToken": "file", "PageSize": 1, "Lookback": "00:01:00" } } }""");
        _loading.Environment["Sources__Intercom__AccessToken"] = "environment";
        _loading.Environment["Sources__Intercom__PageSize"] = "2";

        var intercom = Assert.Single(_loading.Load(file, "sources:intercom:accesstoken=first", "Sources:Intercom:AccessToken=last").Options.Sources.Intercom);

        Assert.Equal(("last", 2, TimeSpan.FromMinutes(1)), (intercom.AccessToken, intercom.PageSize, intercom.Lookback));
    }

    [Fact]
    public void An_array_keeps_several_accounts_apart()
    {
        var file = _loading.Write("my/connector.json", """
            { "Sources": { "Sequence": [
              { "Account": "live", "ClientId": "a", "ClientSecret": "b" },
              { "Account": "test", "ClientId": "c", "ClientSecret": "d", "BaseUrl": "https://sandbox.sequencehq.com/api" } ] } }
            """);

        var loaded = _loading.Load(file);

        Assert.Empty(loaded.Problems);
        Assert.Equal(["live", "test"], loaded.Options.Sources.Sequence.Select(s => s.Account));
        Assert.Equal(["https://eu.sequencehq.com/api", "https://sandbox.sequencehq.com/api"], loaded.Options.Sources.Sequence.Select(s => s.BaseUrl));
    }

    [Fact]
    public void Keys_beside_numbered_accounts_hold_for_all_of_them()
    {
        var file = _loading.Write("my/connector.json", """{ "Sources": { "Intercom": { "PageSize": 50 } } }""");
        _loading.Environment["Sources__Intercom__0__AccessToken"] = "a";
        _loading.Environment["Sources__Intercom__0__Account"] = "one";
        _loading.Environment["Sources__Intercom__1__AccessToken"] = "b";
        _loading.Environment["Sources__Intercom__1__Account"] = "two";
        _loading.Environment["Sources__Intercom__1__PageSize"] = "70";

        var loaded = _loading.Load(file);

        Assert.Empty(loaded.Problems);
        Assert.Equal([("one", 50), ("two", 70)], loaded.Options.Sources.Intercom.Select(s => (s.Account!, s.PageSize)));
    }

    [Fact]
    public void Lists_and_dictionaries_are_read()
    {
        var transform = _loading.Load(
            null,
            "Transform:Tags:0=a",
            "Transform:Tags:1=b",
            "Transform:Labels:env=live",
            "Transform:Severity:admin_deletion=99",
            "Transform:Privacy:Fields:user.*=drop").Options.Transform;

        Assert.Equal(["a", "b"], transform.Tags);
        Assert.Equal("live", transform.Labels["env"]);
        Assert.Equal(99, transform.Severity["admin_deletion"]);
        Assert.Equal(PrivacyAction.Drop, transform.Privacy.Fields["user.*"]);
    }

    [Fact]
    public void An_empty_value_is_no_value()
    {
        _loading.Environment["Sources__Intercom__AccessToken"] = "";
        _loading.Environment["Sources__Intercom__PageSize"] = "";

        Assert.Equal("Sources", Assert.Single(_loading.Load().Problems).Key);
    }

    [Fact]
    public void The_rest_of_the_environment_is_not_ours_but_a_mistyped_section_is_reported()
    {
        _loading.Environment["PATH"] = "/bin";
        _loading.Environment["DOTNET__X"] = "1";
        _loading.Environment["Souces__Intercom__AccessToken"] = "t";

        Assert.Equal(["Souces", "Sources"], _loading.Load().Problems.Select(p => p.Key));
    }

    [Fact]
    public void A_source_is_on_when_it_has_credentials_unless_it_is_switched_off()
    {
        _loading.Write("token", "secret\n");

        Assert.Empty(_loading.Load(null, "Sources:Intercom:AccessTokenFile=token").Problems);
        Assert.Empty(_loading.Load(
            null, "Sources:Intercom:AccessTokenFile=token", "Sources:Sequence:ClientId=half", "Sources:Sequence:Enabled=false").Problems);
        Assert.Equal("Sources", Assert.Single(_loading.Load(null, "Sources:Intercom:AccessToken=t", "Sources:Intercom:Enabled=false").Problems).Key);
    }

    [Fact]
    public void A_verb_that_needs_one_section_is_not_kept_by_problems_of_another()
    {
        var loaded = _loading.Load(null, "Journal:Pth=x");

        Assert.Equal(["Journal:Pth", "Sources"], loaded.Problems.Select(p => p.Key));
        Assert.Equal(["Journal:Pth"], loaded.For("Journal").Problems.Select(p => p.Key));
        Assert.True(loaded.For("Transform").CanRun);
    }

    [Fact]
    public void A_file_of_the_working_directory_is_read_only_when_it_is_named()
    {
        const string Theirs = """{ "Sources": { "Intercom": { "BaseUrl": "https://evil.example", "AccessToken": "t" } } }""";
        _loading.Write("config/connector.json", Theirs);
        _loading.Write("connector.json", Theirs);
        Directory.CreateDirectory(Path.Combine(_loading.Folder, "config", "mappings"));

        var loaded = _loading.Load(null, "Sources:Intercom:AccessToken=t");

        Assert.Equal("https://api.intercom.io", Assert.Single(loaded.Options.Sources.Intercom).BaseUrl);
        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "config", "connector.json"), loaded.File);
        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "config", "mappings"), loaded.Options.Transform.MappingsFolder);

        _loading.Environment["ACTIVITY_CONNECTOR_CONFIG"] = "config/connector.json";
        Assert.Equal(Path.Combine(_loading.Folder, "config", "connector.json"), _loading.Load().File);
        Assert.Equal(Path.Combine(_loading.Folder, "connector.json"), _loading.Load("connector.json").File);
    }

    [Fact]
    public void Mapping_tables_beside_the_file_are_taken_before_those_of_the_version()
    {
        var file = _loading.Write("etc/my.json", "{}");
        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "config", "mappings"), _loading.Load(file).Options.Transform.MappingsFolder);

        Directory.CreateDirectory(Path.Combine(_loading.Folder, "etc", "mappings"));
        Assert.Equal(Path.Combine(_loading.Folder, "etc", "mappings"), _loading.Load(file).Options.Transform.MappingsFolder);
    }

    public void Dispose() => _loading.Dispose();
}
