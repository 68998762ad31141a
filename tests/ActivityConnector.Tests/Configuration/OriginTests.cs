using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Configuration;

/// <summary>Every problem says where its value was written, and a path counts from there.</summary>
public sealed class OriginTests : IDisposable
{
    private const string On = "Sources:Intercom:AccessToken=t";

    private readonly Loading _loading = new();

    /// <summary>Every option that names a file or folder.</summary>
    public static TheoryData<string> Paths =>
        [.. OptionKeys.All.Where(key => key == "Journal:Path"
            || key.EndsWith("File", StringComparison.Ordinal) || key.EndsWith("Folder", StringComparison.Ordinal))];

    [Fact]
    public void A_bad_value_is_said_with_the_layer_that_it_came_from()
    {
        var file = _loading.Write("my.json", """
            {
              "Journal": { "Kind": "Postgres" },
              "Sources": { "Intercom": [
                { "AccessToken": "a", "Account": "one" },
                { "AccessToken": "b", "Account": "two",
                  "PageSize": 0 } ] },
              "Colour": { "Of": "file" }
            }
            """);
        _loading.Environment["Transform__Namespace"] = "A";
        _loading.Environment["Sources__Sequence__PageSize"] = "7";

        var problems = _loading.Load(file, "Transform:Format=deep", "Sources:Sequence:PageSize=8").Problems;

        Assert.Equal(
            [
                ("Colour", $"line 7 of {file}"), ("Journal:Kind", $"line 2 of {file}"), ("Sources:Intercom:1:PageSize", $"line 6 of {file}"),
                ("Sources:Sequence:PageSize", "--set"), ("Transform:Format", "--set"), ("Transform:Namespace", "environment variable Transform__Namespace"),
            ],
            problems.Select(p => (p.Key, p.SetBy)).Order());
    }

    [Fact]
    public void What_is_missing_was_set_by_nobody()
    {
        var file = _loading.Write("my.json", """{ "Kafka": { "BootstrapServers": null }, "Journal": { "Kind": "Kafka" } }""");

        Assert.All(_loading.Load(file).Problems, p => Assert.Null(p.SetBy));
    }

    [Fact]
    public void A_rule_for_all_accounts_is_found_where_it_was_written()
    {
        _loading.Environment["Sources__Intercom__Schedule"] = "never";
        _loading.Environment["Sources__Intercom__0__AccessToken"] = "t";

        var problem = Assert.Single(_loading.Load().Problems);

        Assert.Equal(("Sources:Intercom:0:Schedule", "environment variable Sources__Intercom__Schedule"), (problem.Key, problem.SetBy));
    }

    [Fact]
    public void An_environment_variable_with_single_underscores_is_said_to_be_ignored()
    {
        _loading.Environment["SOURCES_INTERCOM_ACCESSTOKEN"] = "secret";
        _loading.Environment["HOME_PATH"] = "x";

        var problem = Assert.Single(_loading.Load(null, On).Problems);

        Assert.Equal("Write it as Sources__Intercom__AccessToken.", problem.Fix);
        Assert.DoesNotContain("secret", problem.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_relative_path_starts_from_the_file_that_it_is_written_in_and_elsewhere_from_the_working_directory(string key)
    {
        var parts = key.Split(':');
        var file = _loading.Write(
            "etc/my.json", string.Concat(parts.SkipLast(1).Select(p => $"{{\"{p}\":")) + $"{{\"{parts[^1]}\":\"sub/x\"}}" + new string('}', parts.Length - 1));

        Assert.Equal(Path.Combine(_loading.Folder, "etc", "sub", "x"), Value(_loading.Load(file).Options, parts));
        Assert.Equal(Path.Combine(_loading.Folder, "sub", "y"), Value(_loading.Load(file, $"{key}=sub/y").Options, parts));
        _loading.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = "sub/z";
        Assert.Equal(Path.Combine(_loading.Folder, "sub", "z"), Value(_loading.Load(file).Options, parts));
    }

    [Fact]
    public void A_journal_that_is_not_given_is_in_the_working_directory()
    {
        var file = _loading.Write("etc/my.json", "{}");

        Assert.Equal(Path.Combine(_loading.Folder, JournalOptions.DefaultPath), _loading.Load(file, On).Options.Journal.Path);
    }

    [Fact]
    public void A_relative_journal_that_is_only_in_the_working_directory_is_not_begun_anew()
    {
        var file = _loading.Write("etc/my.json", """{ "Journal": { "Path": "data/j.db" } }""");
        var there = _loading.Write("data/j.db", "");

        var problem = Assert.Single(_loading.Load(file, On).Problems);

        Assert.Equal(("Journal:Path", $"Give the whole path: {there} to go on with that journal."), (problem.Key, problem.Fix));
        _loading.Write("etc/data/j.db", "");
        Assert.Empty(_loading.Load(file, On).Problems);
    }

    [Theory]
    [InlineData("10GB", 10_000_000_000)]
    [InlineData("2GiB", 2_147_483_648)]
    [InlineData("500mb", 500_000_000)]
    [InlineData("10737418240", 10_737_418_240)]
    public void A_size_may_have_a_unit(string text, long bytes) =>
        Assert.Equal(bytes, _loading.Load(null, On, $"Journal:MaxBytes={text}").Options.Journal.MaxBytes);

    public void Dispose() => _loading.Dispose();

    private static object? Value(object? options, string[] parts) => parts.Aggregate(options, (at, name) =>
    {
        var value = at!.GetType().GetProperty(name)!.GetValue(at);
        return value is System.Collections.IList { Count: > 0 } list ? list[0] : value;
    });
}
