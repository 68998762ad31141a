using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Golden;

/// <summary>The mapping's second implementation, <c>reference.py</c>, as a process that maps record after record.</summary>
internal sealed class Reference : IDisposable
{
    public static readonly string Script = Path.Combine(DeliveredFiles.Root, "tests", "ActivityConnector.Tests", "Golden", "reference.py");

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Process _python;

    public Reference(string vendor)
    {
        _python = Process.Start(new ProcessStartInfo("python3", [Script, "--map", vendor])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        })!;
        _python.StandardInput.AutoFlush = true;
    }

    /// <summary>Asks for a record; <see cref="ReadAsync"/> gives the answers in the order of the questions.</summary>
    public Task AskAsync(string record) => _python.StandardInput.WriteLineAsync(JsonSerializer.Serialize(record, Plain));

    /// <summary>The events of the next record that was asked for.</summary>
    public async Task<IReadOnlyList<MappedEvent>> ReadAsync()
    {
        var line = await _python.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("reference.py ended: its error is above.");
        using var json = JsonDocument.Parse(line);
        return [.. json.RootElement.EnumerateArray().Select(e => new MappedEvent(e[0].GetString()!, e[1].GetString()!, e[2].GetString()!))];
    }

    public void Dispose()
    {
        _python.Kill();
        _python.WaitForExit();
        _python.Dispose();
    }
}

/// <summary>One event as it can be compared.</summary>
/// <param name="ContentDigest">In 16 hexadecimal digits.</param>
/// <param name="Id">The document id.</param>
/// <param name="Wire">The event's JSON.</param>
internal sealed record MappedEvent(string ContentDigest, string Id, string Wire);
