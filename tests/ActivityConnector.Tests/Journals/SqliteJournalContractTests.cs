using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Journals;

public sealed class SqliteJournalContractTests : JournalContract, IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    protected override async Task<IJournal> OpenAsync() => await _file.OpenAsync();

    protected override async Task<IReadOnlyList<DeadLetter>> DeadLettersAsync()
    {
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        return await view.DeadLettersAsync(default).ToListAsync();
    }

    protected override Task StoreCheckpointsAsync(SourceKey source, params byte[][] texts)
    {
        _file.StoreCheckpoints(texts);
        return Task.CompletedTask;
    }
}
