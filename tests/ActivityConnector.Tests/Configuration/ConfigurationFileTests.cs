using System.Text.RegularExpressions;
using ActivityConnector.Configuration;

namespace ActivityConnector.Tests.Configuration;

/// <summary>A configuration file that is not as it should be: what is said of it, and what never is.</summary>
public sealed class ConfigurationFileTests : IDisposable
{
    private const string On = "Sources:Intercom:AccessToken=t";
    private const string Whole = """
        {
          // A comment, and a comma too many, are allowed.
          "Sources": {
            "Intercom": { "AccessToken": "dG9rOmNhbmFyeTdmM2E5Yw", "PageSize": 50, "Enabled": true },
            "Sequence": [ { "ClientId": "canary-id-81", "ClientSecret": "nullcanary\\u0022secret", "Account": null }, ],
          },
        }
        """;

    private readonly Loading _loading = new();

    public static TheoryData<string, string> Broken => new()
    {
        {
            "{ \"Journal\": { \"Path\": ",
            "It is not JSON at line 1, column 24: the file ends before each bracket is closed. The line has: { \"Journal\": { \"Path\":"
        },
        {
            "{\n  \"Journal\": { \"Path\": \"a\" \"Kind\": \"Kafka\" }\n}",
            "It is not JSON at line 2, column 28: '\"' is invalid after a value. Expected either ',', '}', or ']'. "
            + "The line has: \"Journal\": { \"Path\": \"…\" \"Kind\": \"Kafka\" }"
        },
        {
            "{\n  \"Sources\": { \"Intercom\": { \"AccessToken\": nop3 } }\n}",
            "It is not JSON at line 2, column 46: an unquoted text is an invalid JSON literal. Expected the literal 'null'. "
            + "The line has: \"Sources\": { \"Intercom\": { \"AccessToken\": … } }"
        },
        { "", "It is not JSON at line 1, column 1: it is empty." },
        { " \n", "It is not JSON at line 2, column 1: it is empty." },
        { "[]", "Its outermost value is not an object." },
        { "{ \"Transform\": { \"AgentName\": \"\\ud800\" } }", "Line 1 has a text that cannot be decoded: " },
    };

    /// <summary>What is missing may stand in the file, so it is not said; what is wrong elsewhere is.</summary>
    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_file_is_one_problem_with_place_and_reason_and_the_other_layers_are_still_checked(string content, string cause)
    {
        var file = _loading.Write("my.json", content);

        var problems = _loading.Load("my.json", "Journal:Kind=Kafka", "Sources:Sequence:PageSize=1").Problems;

        Assert.Equal([file, "Sources:Sequence:PageSize"], problems.Select(p => p.Key));
        Assert.StartsWith(cause, problems[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_asked_for_and_not_there_is_the_only_problem()
    {
        var problem = Assert.Single(_loading.Load("none.json").Problems);

        Assert.Equal("The configuration file cannot be read: there is no such file.", problem.Cause);
    }

    [Fact]
    public void A_key_that_stands_twice_is_named_with_both_lines()
    {
        var file = _loading.Write("my.json", "{\n  \"Journal\": { \"Path\": \"/a\" },\n  \"journal\": { \"path\": \"/b\" }\n}");

        var problem = Assert.Single(_loading.Load("my.json", On).Problems);

        Assert.Equal(("journal:path", $"It stands twice in {file}, in line 2 and in line 3."), (problem.Key, problem.Cause));
    }

    /// <summary>Cut off, and with a character more, less or other, at every place.</summary>
    [Fact]
    public void However_a_file_is_broken_no_part_of_a_secret_is_shown()
    {
        _loading.Write("my.json", Whole);
        Assert.Empty(_loading.Load("my.json").Problems);
        foreach (var content in Enumerable.Range(0, Whole.Length).SelectMany(i => (string[])[
            Whole[..i], Whole.Remove(i, 1), Whole.Insert(i, "\""), Whole.Insert(i, ","), Whole.Insert(i, "}"), Whole.Insert(i, "\n"),
            Whole.Insert(i, "t"), Whole.Remove(i, 1).Insert(i, "'"), Whole.Remove(i, 1).Insert(i, "\\"),
        ]))
        {
            var problems = new List<ConfigurationProblem>();
            ConfigurationFile.Read(_loading.Write("my.json", content), problems);
            var said = string.Join('\n', problems.Where(p => p.Key.EndsWith("my.json", StringComparison.Ordinal)));

            Assert.False(Regex.IsMatch(said, "canary|dG9r|rOmN|hbmF|yeTd|mM2E|secret"), $"{said}\n\n{content}");
        }
    }

    public void Dispose() => _loading.Dispose();
}
