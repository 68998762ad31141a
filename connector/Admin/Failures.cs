using ActivityConnector.Pipeline;
using ActivityConnector.Vendors;
using Microsoft.AspNetCore.Diagnostics;

namespace ActivityConnector.Admin;

/// <summary>What a failure means to the caller, as problem details (RFC 9457): the cause as title, what to do about it as detail.</summary>
internal sealed class Failures : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        (int Status, string? Fix)? failure = exception switch
        {
            NotFoundException e => (StatusCodes.Status404NotFound, e.Fix),
            ChangeRefusedException e => (StatusCodes.Status409Conflict, e.Fix),
            UnknownSourceException e => (StatusCodes.Status404NotFound, e.Fix),
            BadHttpRequestException e => (e.StatusCode, null),
            JournalException e => (StatusCodes.Status503ServiceUnavailable, e.Fix),
            SourceException e => (StatusCodes.Status502BadGateway, e.Fix),
            SinkException e => (StatusCodes.Status502BadGateway, e.Fix),
            _ => null,
        };
        if (failure is not var (status, fix)) return false;

        context.Response.StatusCode = status;
        await TypedResults.Problem(statusCode: status, title: exception.Message, detail: fix).ExecuteAsync(context);
        return true;
    }
}
