using System.Globalization;
using System.Text;

namespace ActivityConnector.Simulation;

/// <summary>Puts answers on the wire, whole or damaged.</summary>
internal sealed class Answers(SimulatorOptions options, TimeProvider time, CancellationToken stopping)
{
    private const string Html =
        "<!DOCTYPE html>\n<html><head><title>Please wait</title></head><body><h1>Something is here, but not the API</h1></body></html>\n";

    public static Task HtmlAsync(HttpContext context, int status) => TextAsync(context, status, "text/html; charset=utf-8", Html);

    public static Task EmptyAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    public static Task TextAsync(HttpContext context, int status, string contentType, string text) =>
        BytesAsync(context, status, contentType, Encoding.UTF8.GetBytes(text));

    public static Task ScriptedAsync(HttpContext context, ScriptedAnswer answer)
    {
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        return TextAsync(context, answer.Status, answer.ContentType, answer.Body);
    }

    /// <summary>Says when to come back: at the quota's end if that is the reason, else as the options say.</summary>
    public void RetryAfter(HttpContext context, RateWindow.Usage usage)
    {
        if (options.RetryAfter is not { } wait)
            return;
        if (!usage.Allowed)
            wait = DateTimeOffset.FromUnixTimeSeconds(usage.Reset) - time.GetUtcNow();
        context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Holds the request until the client goes away or the simulator stops.</summary>
    public async Task NeverAsync(HttpContext context)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        // Ends by the token alone.
        await Task.Delay(Timeout.InfiniteTimeSpan, time, gone.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Abort();
    }

    /// <summary>Answers 200 with this JSON, damaged on the way as the fault wants.</summary>
    public async Task PageAsync(HttpContext context, ReadOnlyMemory<byte> json, FaultKind? fault)
    {
        const string ContentType = "application/json; charset=utf-8";
        if (fault is not (FaultKind.Truncated or FaultKind.Reset or FaultKind.Slow))
        {
            await BytesAsync(context, StatusCodes.Status200OK, ContentType, json);
            return;
        }

        var firstHalf = json[..(json.Length / 2)];
        if (fault == FaultKind.Truncated)
        {
            await BytesAsync(context, StatusCodes.Status200OK, ContentType, firstHalf);
            return;
        }

        var response = context.Response;
        (response.ContentType, response.ContentLength) = (ContentType, json.Length);
        await response.BodyWriter.WriteAsync(firstHalf, context.RequestAborted);
        if (fault == FaultKind.Reset)
        {
            context.Abort();
            return;
        }

        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        // The fault that was asked for.
        await Task.Delay(options.SlowDelay, time, gone.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!gone.IsCancellationRequested)
            await response.BodyWriter.WriteAsync(json[firstHalf.Length..], context.RequestAborted);
    }

    private static async Task BytesAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        await response.StartAsync(context.RequestAborted);
        body.Span.CopyTo(response.BodyWriter.GetSpan(body.Length));
        response.BodyWriter.Advance(body.Length);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
