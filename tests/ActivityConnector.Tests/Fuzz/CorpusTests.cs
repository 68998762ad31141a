namespace ActivityConnector.Tests.Fuzz;

/// <summary>What fuzzing once found, and everything that it tries first.</summary>
public class CorpusTests
{
    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Every_input_of_the_corpus_is_read(string target)
    {
        var inputs = Corpus.Of(target).ToList();
        var readAsync = FuzzTarget.All.Single(t => t.Name == target).ReadAsync;

        var problems = new List<string>();
        foreach (var (name, input) in inputs)
        {
            if (await Record.ExceptionAsync(() => readAsync(input)) is { } problem) problems.Add($"{name}: {problem}");
        }

        Assert.NotEmpty(inputs);
        Assert.Empty(problems);
    }
}
